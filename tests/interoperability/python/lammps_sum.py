"""lammps_sum.py A B SUM: forces, torques and energies of atoms of a third dump are the sums of those of the first two, to 1e-14 of the largest."""

import sys

import numpy


def rows(path):
    lines = open(path).read().split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("ITEM: ATOMS"))
    numbers = numpy.array([[float(x) for x in line.split()] for line in lines[at + 1 :] if line])
    # Without the ids and the places.
    return numbers[:, 4:]


first, second, total = (rows(path) for path in sys.argv[1:])
off = numpy.abs(first + second - total).max() / numpy.abs(total).max()
print(f"{off:.2g} of the largest")
if not off <= 1e-14:
    sys.exit(1)
