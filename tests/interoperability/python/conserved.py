"""conserved.py PARTICLES COARSE FINE: the total energy of two runs of the same time, one with half the step, from a fifth of it on: its standard deviation about a straight line
falls to between a fifth and a third, and the slope of the finer one is none: within twice its error and 2e-5 a particle and time unit."""

import sys

import numpy

count = int(sys.argv[1])


def look(path):
    log = numpy.genfromtxt(path, delimiter=",", names=True)
    log = log[len(log) // 5 :]
    t, h = log["time"], log["total_energy"]
    blocks = numpy.array_split(numpy.arange(len(t)), 12)
    x, y = (numpy.array([values[block].mean() for block in blocks]) for values in (t, h))
    (slope, _), covariance = numpy.polyfit(x, y, 1, cov=True)
    return h.std(), slope / count, numpy.sqrt(covariance[0, 0]) / count


coarse, fine = (look(path) for path in sys.argv[2:])
ratio = coarse[0] / fine[0]
print(f"sd(H) {coarse[0]:.4g} and {fine[0]:.4g}, ratio {ratio:.3g}; slope {fine[1]:.2g} +- {fine[2]:.2g} a particle and time unit")
sys.exit(not (fine[0] <= 0.08 and 3 <= ratio <= 5 and abs(fine[1]) <= 2 * fine[2] + 2e-5))
