# needs: h5py
"""HDF5 files: groups, datasets, attributes, chunks, filters, selections, compound types, strings, errors."""
import h5py
import numpy as np

with h5py.File("t.h5", "w") as file:
    data = file.create_dataset("g/d", data=np.arange(24.0).reshape(4, 6), chunks=(2, 3), compression="gzip", shuffle=True)
    data.attrs["unit"] = "m"
    data.attrs["list"] = [1, 2, 3]
    data[1, ::2] = -1
    file["words"] = ["a", "ü"]
    file["pairs"] = np.array([(1, 2.5, b"x")], dtype=[("i", "i4"), ("f", "f8"), ("s", "S3")])
    file["link"] = h5py.SoftLink("/g/d")
    grow = file.create_dataset("grow", (0,), maxshape=(None,), dtype="i8")
    for i in range(3):
        grow.resize(grow.shape[0] + 2, axis=0)
        grow[-2:] = i
    file.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype(np.int32))[0] = [1, 2, 3]
with h5py.File("t.h5", "r") as file:
    names = []
    file.visititems(lambda name, thing: names.append((name, type(thing).__name__)))
    print(names, dict(file["g/d"].attrs)["unit"], file["g/d"].attrs["list"], file["link"][1], file["g/d"].chunks)
    print(file["words"].asstr()[:], file["pairs"]["f"], file["grow"][:], file["ragged"][0], file["g/d"][[0, 2], 1:3], file["g/d"][file["g/d"][:] > 20])
    for job in (lambda: file["nothing"], lambda: file["g/d"][9], lambda: file.create_group("x"), lambda: h5py.File("none.h5", "r")):
        try:
            job()
        except Exception as error:
            print(type(error).__name__, str(error)[:70])
