# needs: numpy
"""numpy: arrays, dtypes, broadcasting, linear algebra, random numbers, pickling, callbacks into Python."""
import pickle

import numpy as np

a = np.arange(12).reshape(3, 4)
print(a, a.T, a.sum(axis=0), a.mean(), (a * 2.5 + 1)[1:], a[:, ::-2], a[a > 5])
print(np.round(np.linalg.inv(np.eye(3) + 1), 12), np.round(np.fft.fft(np.arange(8.0)), 12))
print(np.random.default_rng(1).random(3), np.random.RandomState(7).randint(0, 100, 5))
print(np.vectorize(lambda x: x * 2)(a), np.frompyfunc(lambda x, y: f"{x}{y}", 2, 1)([1, 2], [3, 4]))

record = np.zeros(3, np.dtype([("number", "i4"), ("text", "S5"), ("point", "f8", (2,))]))
record["number"] = [1, 2, 3]
record[1] = (7, b"seven", (0.5, -0.5))
print(record, record.dtype, record[1]["point"], sorted(record, key=lambda r: -r["number"])[0])
print(pickle.loads(pickle.dumps(record)) == record, pickle.loads(pickle.dumps(np.float64(2.5), 0)))

for bad in (lambda: a @ np.ones(3), lambda: np.zeros(3)[5], lambda: np.array([1, 2]).reshape(3), lambda: a.nothing,
            lambda: np.dtype("x9"), lambda: np.int8(3) << None, lambda: np.zeros((2, 2)).item(1, 1, 1)):
    try:
        print(bad())
    except Exception as error:
        print(type(error).__name__, error)


class Tagged(np.ndarray):
    def __array_finalize__(self, parent):
        self.tag = getattr(parent, "tag", "none")


t = np.ones(3).view(Tagged)
t.tag = "kept"
print((t + 1).tag, t[1:].tag, type(t.sum()).__name__, repr(t))
print(np.float64(1.5) + 1, np.int64(3) == 3, hash(np.int64(3)) == hash(3), [1, 2, 3][np.int64(1)], np.float32(0.1).item())
view = memoryview(a)
print(view.format, view.shape, view.strides, np.frombuffer(b"\1\0\2\0", "<i2"), np.asarray(view) is a)
print(np.array(["a", "bb"], object) + "x", np.datetime64("2020-02-28") + np.timedelta64(2, "D"), np.bool_(True) | False)
