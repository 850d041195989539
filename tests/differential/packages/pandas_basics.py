# needs: pandas
"""pandas: frames, group-by, merge, time series, text, pickling."""
import io
import pickle

import pandas as pd

frame = pd.read_csv(io.StringIO("k,v,t\na,1,x\nb,2,y\na,3,\nc,4.5,z\n"))
print(frame, frame.dtypes, frame.describe(), sep="\n")
print(frame.groupby("k").v.agg(["sum", "mean", lambda s: s.max() - s.min()]))
print(frame.merge(pd.DataFrame({"k": ["a", "c"], "w": [10, 20]}), how="left"))
print(frame.sort_values("v", ascending=False).set_index("k").loc["a"], frame.t.str.upper().fillna("-").tolist())
print(frame.pivot_table(index="k", values="v", aggfunc="sum"), frame.apply(lambda row: f"{row.k}{row.v}", axis=1).tolist())
series = pd.Series(range(6), index=pd.date_range("2020-01-30", periods=6, freq="12H"))
print(series.resample("D").sum(), series.rolling(3).mean().tolist(), series.index[0].day_name(), series.shift(1, freq="D").index[-1])
print(pickle.loads(pickle.dumps(frame)).equals(frame), frame.to_json(), pd.Timestamp("2020-02-29") + pd.DateOffset(years=1))
for bad in (lambda: frame.nothing, lambda: frame["nothing"], lambda: pd.to_datetime("not a date"), lambda: frame.loc[9]):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
