"""Features as the program writes them, read by NumPy, h5py and pandas: python feature_files.py LIBRARY FOLDER."""
import io
import json
import sys
import zipfile

import numpy

library, work = sys.argv[1:]
names = ["mean", "per-particle", "f4"]
tables = {}
for name in names:
    with numpy.load(f"{work}/{name}.npz") as table:
        tables[name] = {key: table[key] for key in table.files}

if library == "numpy":
    for name in names:
        values = tables[name]["values"]
        assert values.dtype == ("<f4" if name == "f4" else "<f8"), values.dtype
        assert numpy.array_equal(numpy.load(f"{work}/{name}.npy"), values), name
        assert json.loads(str(tables[name]["metadata"]))["hypers"]["max_angular"] == 4

if library == "h5py":
    import h5py

    for name in names:
        with h5py.File(f"{work}/{name}.h5") as file:
            assert file["values"].dtype == tables[name]["values"].dtype
            assert numpy.array_equal(file["values"][:], tables[name]["values"]), name
            for labels, of in [("samples", "sample_names"), ("properties", "property_names")]:
                assert numpy.array_equal(file[labels][:], tables[name][labels]), labels
                assert list(file[labels].attrs["names"]) == list(tables[name][of]), labels
            assert json.loads(file.attrs["metadata"]) == json.loads(str(tables[name]["metadata"]))
    with h5py.File(f"{work}/blocks.h5") as file, zipfile.ZipFile(f"{work}/blocks.mts") as archive:
        array = lambda name: numpy.load(io.BytesIO(archive.read(name)))
        keys = array("keys.npy")
        assert list(file["keys"].attrs["names"]) == list(keys.dtype.names)
        for i in range(len(keys)):
            assert numpy.array_equal(file[f"blocks/{i}/values"][:], array(f"blocks/{i}/values.npy")), i

if library == "pandas":
    import pandas

    for name in names:
        width = len(tables[name]["sample_names"])
        frame = pandas.read_parquet(f"{work}/{name}.parquet")
        assert numpy.array_equal(frame.to_numpy()[:, width:], tables[name]["values"]), name
