"""GSD files against the format's own library (Debian: python3-gsd): what it writes is read, what is written it opens.

Run as: python3 tests/interoperability/python/gsd_files.py COMMAND..., where COMMAND... starts the program, such as
dotnet src/AniSoap.Cli/bin/Release/net10.0/anisoap.dll
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import gsd.fl
    import gsd.hoomd
    import numpy
except ImportError as missing:
    print(f"GSD: nothing was checked: {missing}")
    sys.exit(0)

program = sys.argv[1:]
frames_here = Path(__file__).parents[3] / "docs/data/gay-berne/nematic.extxyz.gz"
checks = 0


def check(condition, what):
    global checks
    if not condition:
        sys.exit(f"GSD: {what}: failed")
    checks += 1


def convert(source, target):
    subprocess.run([*program, "convert", str(source), "-o", str(target), "--force"], check=True)


def read_xyz(path):
    """The frames of extended XYZ as the program writes it: numbers of each row, and the comment."""
    frames = []
    lines = path.read_text().splitlines()
    at = 0
    while at < len(lines):
        count = int(lines[at])
        rows = [line.split() for line in lines[at + 2 : at + 2 + count]]
        frames.append((lines[at + 1], numpy.array([[float(word) for word in row[1:]] for row in rows])))
        at += count + 2
    return frames


def lattice(comment):
    text = re.search(r'Lattice="([^"]*)"', comment).group(1)
    return numpy.array([float(word) for word in text.split()]).reshape(3, 3)


def same_orientations(a, b):
    return bool(numpy.all(numpy.abs(numpy.sum(a * b, axis=1)) > 1 - 1e-6))


def written_files_open(folder):
    text, target = folder / "frames.xyz", folder / "frames.gsd"
    convert(frames_here, text)
    convert(frames_here, target)
    with gsd.hoomd.open(str(target), "rb") as trajectory:
        expected = read_xyz(text)
        check(len(trajectory) == len(expected), "as many frames as were written")
        for frame, (comment, numbers) in zip(trajectory, expected):
            cell = lattice(comment)
            check(numpy.allclose(frame.configuration.box[:3], numpy.diag(cell), rtol=1e-6), "the box")
            moved = (frame.particles.position + frame.particles.image @ cell) - numbers[:, :3]
            check(float(numpy.abs(moved).max()) < 1e-5, "positions, moved back by their images")
            check(same_orientations(frame.particles.orientation, numbers[:, 3:7]), "orientations")
            shapes = frame.particles.type_shapes
            check(all(shape["type"] == "Ellipsoid" for shape in shapes), "shapes")
            axes = numpy.array([[shapes[kind][key] for key in "abc"] for kind in frame.particles.typeid])
            check(bool(numpy.array_equal(2 * axes, numbers[:, 7:10])), "semi-axes, all digits")
        check("energy" in trajectory[0].log, "the energy is logged")


def library_files_are_read(folder):
    source, text = folder / "library.gsd", folder / "library.xyz"
    make = getattr(gsd.hoomd, "Frame", None) or gsd.hoomd.Snapshot
    random = numpy.random.default_rng(7)
    with gsd.hoomd.open(str(source), "wb") as trajectory:
        for step in range(300):
            frame = make()
            count = 5 + step % 3
            frame.configuration.step = 10 * step
            frame.configuration.box = [9, 8, 7, 0.1, -0.2, 0.3]
            frame.particles.N = count
            frame.particles.types = ["A", "B"]
            frame.particles.typeid = [i % 2 for i in range(count)]
            frame.particles.position = random.uniform(-3, 3, (count, 3))
            orientation = random.normal(size=(count, 4))
            frame.particles.orientation = orientation / numpy.linalg.norm(orientation, axis=1)[:, None]
            frame.particles.type_shapes = [
                {"type": "Ellipsoid", "a": 0.5, "b": 0.75, "c": 1.5},
                {"type": "Sphere", "diameter": 1.5},
            ]
            # The library reads logged quantities only where the first frame has them all.
            for i in range(40) if step == 0 else [step % 40]:
                frame.log[f"a quantity of a simulation/{i}"] = numpy.array([0.5 * step + i])
            trajectory.append(frame)
    convert(source, text)
    with gsd.hoomd.open(str(source), "rb") as trajectory:
        found = read_xyz(text)
        check(len(found) == len(trajectory), "as many frames as the library wrote")
        for frame, (comment, numbers) in zip(trajectory, found):
            check(bool(numpy.array_equal(numbers[:, :3], frame.particles.position.astype(float))), "positions")
            check(same_orientations(frame.particles.orientation, numbers[:, 3:7]), "orientations")
            check(f" step={frame.configuration.step} " in comment, "the step")
            name = f"a quantity of a simulation/{int(frame.configuration.step) // 10 % 40}"
            check(f'"{name}"={frame.log[name][0]}' in comment, "a logged quantity")
            sizes = [[1, 1.5, 3] if kind == 0 else [1.5, 1.5, 1.5] for kind in frame.particles.typeid]
            check(bool(numpy.array_equal(numbers[:, 7:10], sizes)), "diameters")


def chunks(path, name):
    """A chunk of each frame, None where the frame does not have it."""
    with gsd.fl.open(str(path), "rb") as file:
        return [file.read_chunk(i, name) if file.chunk_exists(i, name) else None for i in range(file.nframes)]


def logs_have_one_type_and_no_gaps(folder):
    """What is logged, as the library itself shows it: a step in frame 0, one type and shape a name, NaN for nothing."""
    source, target, back = folder / "gaps.xyz", folder / "gaps.gsd", folder / "back.xyz"
    columns = "species:S:1:pos:R:3:c_q:R:4:diameter:R:3"
    lattice = 'Lattice="9 0 0 0 9 0 0 0 9"'
    row = "H 1 2 3 1 0 0 0 1 1 2"
    frames = [
        (f"{lattice} Properties={columns} energy=0 state=nematic flag=T m=\"1 2 3\"", [row]),
        (f"{lattice} Properties={columns}:forces:R:3 energy=2.75 state=\"smectic A\" m=\"0.5 1 2\"", [row + " 1 2 3"]),
        (f"{lattice} Properties={columns}", [row, row.replace("H 1", "H 3")]),
        (f"{lattice} Properties={columns} energy=-0.6 flag=F late=x", [row]),
    ]
    source.write_text("".join(f"{len(rows)}\n{comment}\n" + "\n".join(rows) + "\n" for comment, rows in frames))
    convert(source, target)
    step = chunks(target, "configuration/step")
    check(step[0] is not None and step[0].dtype == numpy.uint64 and step[0][0] == 0, "the step is in frame 0")
    for name, kind in [("energy", "float64"), ("m", "float64"), ("state", "int8"), ("flag", "uint8"), ("late", "int8")]:
        found = [chunk for chunk in chunks(target, f"log/{name}") if chunk is not None]
        check(chunks(target, f"log/{name}")[0] is not None, f"{name} is in frame 0")
        check(all(chunk.dtype == kind and chunk.shape == found[0].shape for chunk in found), f"{name} is {kind}")
    with gsd.hoomd.open(str(target), "rb") as trajectory:
        energies = [frame.log["energy"][0] for frame in trajectory]
        check(numpy.array_equal(energies, [0, 2.75, numpy.nan, -0.6], equal_nan=True), "energies, NaN for none")
        forces = [frame.log["particles/forces"] for frame in trajectory]
        check([array.shape for array in forces] == [(1, 3), (1, 3), (2, 3), (1, 3)], "forces of each frame's particles")
        check(all(numpy.isnan(forces[i]).all() for i in (0, 2, 3)), "forces are NaN where there are none")
        states = [bytes(frame.log["state"]).rstrip(b"\0").decode() for frame in trajectory]
        check(states == ["nematic", "smectic A", "", ""], "texts")
    convert(target, back)
    comments = [line for line in back.read_text().splitlines() if "Lattice" in line]
    keys = [[word.split("=")[0] for word in line.split() if "=" in word] for line in comments]
    own = [sorted(set(found) & {"energy", "state", "flag", "m", "late"}) for found in keys]
    check(own == [["energy", "flag", "m", "state"], ["energy", "m", "state"], [], ["energy", "flag", "late"]], "keys")


def one_type_stays_one(folder):
    source, target = folder / "one.gsd", folder / "one-again.gsd"
    make = getattr(gsd.hoomd, "Frame", None) or gsd.hoomd.Snapshot
    frame = make()
    frame.particles.N = 1
    frame.particles.position = [[0, 0, 0]]
    frame.particles.types = ["A"]
    frame.particles.type_shapes = [{"type": "Ellipsoid", "a": 1, "b": 2, "c": 3}]
    frame.configuration.box = [9, 9, 9, 0, 0, 0]
    with gsd.hoomd.open(str(source), "wb") as trajectory:
        trajectory.append(frame)
    convert(source, target)
    with gsd.hoomd.open(str(target), "rb") as trajectory:
        check(list(trajectory[0].particles.types) == ["A"], "the one type A")
        check(len(trajectory[0].particles.type_shapes) == 1, "one shape")


def flat_frames_are_two_dimensional(folder):
    source, target, back = folder / "flat.xyz", folder / "flat.gsd", folder / "flat-again.xyz"
    source.write_text(
        '2\nLattice="9 0 0 0 9 0 0 0 1" pbc="T T F" Properties=species:S:1:pos:R:3:c_q:R:4:diameter:R:3\n'
        "H 1 2 4.5 1 0 0 0 3 1 1\nH 3 2 4.5 0.6 0 0 0.8 3 1 1\n"
    )
    convert(source, target)
    with gsd.hoomd.open(str(target), "rb") as trajectory:
        check(trajectory[0].configuration.dimensions == 2, "two dimensions")
        check(bool(numpy.array_equal(trajectory[0].particles.position[:, 2], [0, 0])), "at z = 0")
    convert(target, back)
    check('pbc="T T F"' in back.read_text(), "not repeating along z")


with tempfile.TemporaryDirectory() as folder:
    written_files_open(Path(folder))
    library_files_are_read(Path(folder))
    logs_have_one_type_and_no_gaps(Path(folder))
    one_type_stays_one(Path(folder))
    flat_frames_are_two_dimensional(Path(folder))
print(f"GSD: {checks} checks against gsd {gsd.__version__} passed")
