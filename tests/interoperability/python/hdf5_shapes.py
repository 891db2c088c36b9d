"""HDF5 files by h5py, of random chunk shapes, filters and types, each beside an .npz of what is in it: hdf5_shapes.py FOLDER SEED COUNT.

With a COMMAND… behind them the program reads every file and what it makes of it is compared.
"""

import pathlib
import subprocess
import sys
import zipfile

import h5py
import numpy

folder, seed, count, *program = sys.argv[1:]
folder = pathlib.Path(folder)
random = numpy.random.default_rng(int(seed))
numbers = ["<f2", "<f4", "<f8", ">f4", ">f8", ">f2", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", ">i4", ">i8", ">u2"]
labels = ["i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", ">i2", ">i4", ">i8"]


def choose(choices):
    return choices[int(random.integers(len(choices)))]


def keywords(shape):
    """How a dataset is cut and packed. Those that may grow have other indices in the newer structure, which are refused."""
    if random.random() < 0.1:
        return {}
    may_grow = {"maxshape": (None, *shape[1:])} if is_older and random.random() < 0.3 else {}
    chunks = True if random.random() < 0.2 else tuple(int(random.integers(1, min(n, 40) + 1)) for n in shape)
    if shape[0] > 100:
        chunks = (1,) * len(shape)
    packed = choose([{}, {"compression": "gzip", "compression_opts": int(random.integers(10))}, {"compression": "lzf"}])
    return {"chunks": chunks, "shuffle": bool(random.random() < 0.4), "fletcher32": bool(random.random() < 0.6), **packed, **may_grow}


def values(shape, kind):
    made = random.normal(0, 40, shape)
    made[random.random(shape) < 0.3] = 0
    if numpy.dtype(kind).kind == "u":
        made = numpy.abs(made)
    return numpy.clip(made, -100, 100).astype(kind)


def write(group, name, data, is_whole=True):
    made = keywords(data.shape)
    if is_whole or not made:
        return group.create_dataset(name, data=data, **made)
    # Some chunks are never written: they hold the fill value.
    fill = data.dtype.type(choose([0, 7]))
    found = group.create_dataset(name, shape=data.shape, dtype=data.dtype, fillvalue=fill, **made)
    rows = int(random.integers(data.shape[0] + 1))
    found[:rows] = data[:rows]
    data[rows:] = fill
    return found


for number in range(int(count)):
    rows, columns = int(random.integers(1, 40)), int(random.integers(1, 14))
    if number % 20 == 19:
        rows, columns = 700, 3  # so many small chunks that their index has pages
    components = [int(random.integers(1, 5)) for _ in range(choose([0, 0, 0, 1, 2]))]
    name = folder / f"{number:03}"
    # None is h5py's default: superblock 0, tables of symbols and trees; v108 has superblock 2 and trees.
    bounds = choose(["latest", ("v110", "v110"), None, None, ("earliest", "v108"), ("v108", "v108")])
    is_older = bounds not in ["latest", ("v110", "v110")]
    with h5py.File(f"{name}.h5", "w", libver=bounds) as file:
        group = file
        if components:
            keys = file.create_dataset("keys", data=numpy.zeros((1, 1), "i4"))
            keys.attrs["names"] = ["_"]
            group = file.create_group("blocks/0")
        table = values((rows, *components, columns), choose(numbers))
        write(group, "values", table, random.random() < 0.8)
        samples = numpy.stack([numpy.arange(rows), random.integers(0, 100, rows)], 1)
        kind = choose(labels if rows < 100 else labels[1:4])
        write(group, "samples", samples.astype(kind)).attrs["names"] = ["frame", "particle"]
        properties = numpy.stack([random.integers(0, 100, columns), numpy.arange(columns)], 1)
        write(group, "properties", properties.astype(choose(labels))).attrs["names"] = ["l", "n"]
        for j, length in enumerate(components):
            axis = write(group, f"components/{j}", numpy.arange(length)[:, None].astype(choose(labels)))
            axis.attrs["names"] = [f"m_{j}"]
    numpy.savez_compressed(
        f"{name}.npz", values=table.reshape(rows, -1).astype("f8"), samples=samples.astype("i4")
    )
    if program:
        subprocess.run([*program, "convert", f"{name}.h5", "-o", f"{folder}/found.npz", "--force"], check=True)
        with numpy.load(f"{folder}/found.npz") as found:
            assert numpy.array_equal(found["values"], table.reshape(rows, -1)), f"{name}: values"
            assert numpy.array_equal(found["samples"], samples), f"{name}: samples"

if not program:
    with zipfile.ZipFile(folder / "h5py.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted([*folder.glob("*.h5"), *folder.glob("*.npz")]):
            archive.write(path, "h5py/" + path.name)
