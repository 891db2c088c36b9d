"""same_motion.py A B: two runs of two frames begin with the same forces, torques, energy and virial to 1e-11 of the largest, and end at the same places and turns to 1e-6."""

import sys

import numpy
from extended_xyz import frames

first, second = (list(frames(path)) for path in sys.argv[1:])
assert len(first) == len(second) == 2, (len(first), len(second))


def off(a, b):
    return numpy.abs(a - b).max() / numpy.abs(a).max()


def virial(info):
    return numpy.array([float(x) for x in info["virial"].replace("[", " ").replace("]", " ").replace(",", " ").split()])


failed = False
for name, most, a, b in [
    *((name, 1e-11, first[0][1][name], second[0][1][name]) for name in ("forces", "torques", "velocities", "angular_momenta")),
    ("energy", 1e-11, *(numpy.array([float(run[0][0]["energy"])]) for run in (first, second))),
    ("virial", 1e-11, *(virial(run[0][0]) for run in (first, second))),
    *((name, 1e-6, first[1][1][name], second[1][1][name]) for name in ("pos", "c_q", "velocities", "angular_momenta")),
]:
    if name == "c_q":
        b = b * numpy.sign((a * b).sum(1, keepdims=True))
    print(f"{name}: {off(a, b):.2g} of the largest")
    failed |= not off(a, b) <= most
sys.exit(failed)
