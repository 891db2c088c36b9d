"""lammps_forces.py DUMP FRAMES.extxyz: forces and torques of a LAMMPS dump are those of a frame, and so is the sum of the energies, to 1e-12 of the largest."""

import re
import sys

import numpy


def dump(path):
    lines = open(path).read().split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("ITEM: ATOMS"))
    names = lines[at].split()[2:]
    rows = numpy.array([[float(x) for x in line.split()] for line in lines[at + 1 :] if line])
    rows = rows[rows[:, 0].argsort()]
    column = {name: rows[:, i] for i, name in enumerate(names)}
    return (
        numpy.stack([column[n] for n in ("fx", "fy", "fz")], 1),
        numpy.stack([column[n] for n in ("tqx", "tqy", "tqz")], 1),
        column["c_each"].sum(),
    )


def frame(path):
    lines = open(path).read().split("\n")
    count = int(lines[0])
    properties = re.search(r"Properties=(\S+)", lines[1]).group(1).split(":")
    places, at = {}, 0
    for name, _, width in zip(properties[::3], properties[1::3], properties[2::3]):
        places[name] = slice(at, at + int(width))
        at += int(width)
    rows = [line.split() for line in lines[2 : 2 + count]]

    def numbers(name):
        return numpy.array([[float(x) for x in row[places[name]]] for row in rows])

    energy = float(re.search(r'(?<!\w)energy="?([^\s"]+)', lines[1]).group(1))
    return numbers("forces"), numbers("torques"), energy


found, expected = dump(sys.argv[1]), frame(sys.argv[2])
for name, a, b in zip(("forces", "torques", "energy"), found, expected):
    off = numpy.abs(a - b).max() / numpy.abs(b).max()
    print(f"{name}: {off:.2g} of the largest")
    if not off <= 1e-12:
        sys.exit(1)
