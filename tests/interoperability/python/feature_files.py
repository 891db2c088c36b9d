"""Features as the program writes them, read by NumPy, h5py and pandas: python feature_files.py LIBRARY FOLDER."""
import io
import json
import sys
import zipfile
import zlib

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

if library == "csv":
    import csv
    import hashlib

    for name in names:
        with open(f"{work}/{name}.csv", newline="") as file:
            header, *rows = csv.reader(file)
        width = len(tables[name]["sample_names"])
        assert header[:width] == list(tables[name]["sample_names"]), header
        labels = tables[name]["property_names"]
        for column, row in zip(header[width:], tables[name]["properties"]):
            assert column == " ".join(f"{label}={value}" for label, value in zip(labels, row)), column
        kind = tables[name]["values"].dtype
        assert numpy.array_equal(numpy.array([row[width:] for row in rows]).astype(kind), tables[name]["values"]), name
        with open(f"{work}/{name}.csv-metadata.json") as file:
            beside = json.load(file)
        with open(f"{work}/{name}.csv", "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == beside["urn:anisoap:sha256"], name
        assert beside["@context"] == "http://www.w3.org/ns/csvw" and beside["url"] == f"{name}.csv", beside["url"]
        assert [column["titles"] for column in beside["tableSchema"]["columns"]] == header, name
        assert json.loads(beside["urn:anisoap:metadata"]) == json.loads(str(tables[name]["metadata"])), name

if library == "h5py":
    import h5py

    for name in names:
        with h5py.File(f"{work}/{name}.h5") as file:
            assert file["values"].dtype == tables[name]["values"].dtype
            assert file["values"].fletcher32 and file["samples"].fletcher32
            assert file["samples"].attrs["names_crc32"] == zlib.crc32("\n".join(file["samples"].attrs["names"]).encode())
            assert file.attrs["metadata_crc32"] == zlib.crc32(file.attrs["metadata"].encode())
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
