"""turned_cell.py FRAMES TURNED: the first frame with everything turned by a rotation, so that its cell is none of LAMMPS's."""

import re
import sys

import numpy

lines = open(sys.argv[1]).read().split("\n")
q = numpy.array([0.6, 0.4, -0.5, numpy.sqrt(1 - 0.36 - 0.16 - 0.25)])
w, v = q[0], q[1:]
cross = numpy.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
r = numpy.eye(3) + 2 * w * cross + 2 * cross @ cross


def times(a, b):
    return numpy.concatenate([[a[0] * b[0] - a[1:] @ b[1:]], a[0] * b[1:] + b[0] * a[1:] + numpy.cross(a[1:], b[1:])])


def words(numbers):
    return " ".join(repr(float(x)) for x in numpy.ravel(numbers))


count = int(lines[0])
cell = numpy.array([float(x) for x in re.search(r'Lattice="([^"]*)"', lines[1]).group(1).split()]).reshape(3, 3)
names = re.search(r"Properties=(\S+)", lines[1]).group(1).split(":")
places, at = {}, 0
for name, width in zip(names[::3], names[2::3]):
    places[name] = slice(at, at + int(width))
    at += int(width)
sizes = [name for name in places if "diameter" in name]
with open(sys.argv[2], "w") as out:
    kept = "species:S:1:pos:R:3:c_q:R:4:" + ":".join(f"{name}:R:1" for name in sizes)
    print(count, file=out)
    print(f'Lattice="{words(cell @ r.T)}" Properties={kept} pbc="T T T"', file=out)
    for line in lines[2 : 2 + count]:
        row = line.split()
        number = lambda name: numpy.array([float(x) for x in row[places[name]]])
        turned = [r @ number("pos"), times(q, number("c_q"))] + [number(name) for name in sizes]
        print(row[places["species"]][0], *(words(part) for part in turned), file=out)
