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


with tempfile.TemporaryDirectory() as folder:
    written_files_open(Path(folder))
    library_files_are_read(Path(folder))
print(f"GSD: {checks} checks against gsd {gsd.__version__} passed")
