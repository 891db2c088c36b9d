"""virial.py NUMBERS: W_ab = sum of r_a f_b of LAMMPS (xx yy zz xy xz yz, then sums of torques) is what energies of stretched and tilted boxes say, to 1e-6 of the largest.

Where the box leans in xy, x grows by y: the energy falls by W_yx = W_xy + sum of torques about z."""

import sys

import numpy

lines = open(sys.argv[1]).read().split("\n")
xx, yy, zz, xy, xz, yz, tx, ty, tz = (float(x) for x in lines[0].split())
energies = numpy.array([float(x) for x in lines[1:13]]).reshape(6, 2)
differences = -(energies[:, 0] - energies[:, 1]) / 2e-5
expected = numpy.array([xx, yy, zz, xy + tz, xz - ty, yz + tx])
off = numpy.abs(differences - expected).max() / numpy.abs(expected).max()
print(f"{off:.2g} of the largest; by torques alone {numpy.abs([tx, ty, tz]).max() / numpy.abs(expected).max():.2g}")
sys.exit(not off <= 1e-6)
