"""mean_temperatures.py LOG FROM KT MOST: means of both temperatures after a step, relative to what they should be."""

import sys

import numpy

log = numpy.genfromtxt(sys.argv[1], delimiter=",", names=True)
log = log[log["step"] > float(sys.argv[2])]
kt, most = float(sys.argv[3]), float(sys.argv[4])
means = [log[name].mean() / kt - 1 for name in ("temperature", "rotational_temperature")]
print(f"{len(log)} lines: translations {means[0]:+.2%}, rotations {means[1]:+.2%}")
sys.exit(not max(map(abs, means)) <= most)
