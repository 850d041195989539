"""Group-by of pandas: its own functions and Python's."""
# needs: pandas
import pandas as pd
from _extension import times

frame = pd.DataFrame({"key": [i % 97 for i in range(100_000)], "name": [f"n{i % 13}" for i in range(100_000)],
                      "value": [i * 0.5 for i in range(100_000)]})
for _ in range(times(15)):
    sums = frame.groupby("key")["value"].sum()
    means = frame.groupby(["key", "name"])["value"].mean()
    applied = frame.groupby("name")["value"].apply(lambda values: values.max() - values.min())
    rows = frame.head(2000).apply(lambda row: row["value"] + row["key"], axis=1)
print(sums.head(3), means.tail(2), applied.head(2), rows.sum())
