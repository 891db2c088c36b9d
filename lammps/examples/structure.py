#!/usr/bin/env python3
"""structure.py FIRST.dump SECOND.dump PICTURE.svg: what two runs of long ellipsoids (structure.in) have in common: the order parameter S, the density along the director and
g(r), with the largest differences, and with those of the halves of the first run, which say how much chance is in them. NumPy alone."""

import sys

import numpy

BINS, REACH = 40, 5.0


def frames(path):
    with open(path) as file:
        while line := file.readline():
            if line.startswith("ITEM: NUMBER"):
                count = int(file.readline())
            elif line.startswith("ITEM: BOX"):
                low, high = numpy.array([[float(x) for x in file.readline().split()] for _ in range(3)]).T
            elif line.startswith("ITEM: ATOMS"):
                names = line.split()[2:]
                rows = numpy.array([[float(x) for x in file.readline().split()] for _ in range(count)])
                at = lambda *wanted: rows[:, [names.index(name) for name in wanted]]
                w, x, y, z = at("c_q[1]", "c_q[2]", "c_q[3]", "c_q[4]").T
                # The long axis is the body's x.
                axis = numpy.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], 1)
                yield at("x", "y", "z"), axis, high - low


def look(position, axis, box):
    """S; the density around a particle along the director, in a column of radius 2 about it, by that of the whole; g(r)."""
    count = len(position)
    values, vectors = numpy.linalg.eigh(1.5 * axis.T @ axis / count - 0.5 * numpy.eye(3))
    director = vectors[:, 2]
    r = position[:, None] - position[None]
    r -= box * numpy.round(r / box)
    distance = numpy.sqrt((r**2).sum(2))[numpy.triu_indices(count, 1)]
    edges = numpy.linspace(0.0, REACH, BINS + 1)
    shells = 4 / 3 * numpy.pi * (edges[1:] ** 3 - edges[:-1] ** 3)
    g = numpy.histogram(distance, edges)[0] / (0.5 * count * count / box.prod() * shells)
    pairs = r[numpy.triu_indices(count, 1)]
    along = numpy.abs(pairs @ director)
    across = numpy.sqrt(numpy.maximum((pairs**2).sum(1) - along**2, 0.0))
    column = numpy.histogram(along[across < 2.0], edges)[0] / (0.5 * count * count / box.prod() * numpy.pi * 4.0 * 2 * (edges[1] - edges[0]))
    return values[2], column, g


def mean(looks):
    return tuple(numpy.mean([one[k] for one in looks], 0) for k in range(3))


def differences(a, b):
    return abs(a[0] - b[0]), numpy.abs(a[1] - b[1]).max(), numpy.abs(a[2] - b[2]).max()


def picture(path, runs):
    def panel(left, k, title, label):
        top = max(run[k].max() for _, run, _ in runs)
        out = [f'<text x="{left + 150}" y="20" text-anchor="middle">{title}</text>', f'<path d="M{left},30 V230 H{left + 300}" fill="none" stroke="#888"/>']
        for tick in range(0, 6):
            out.append(f'<text x="{left + 60 * tick}" y="246" text-anchor="middle">{tick}</text>')
        out.append(f'<text x="{left + 150}" y="264" text-anchor="middle">{label}</text><text x="{left - 6}" y="38" text-anchor="end">{top:.1f}</text>')
        for _, run, stroke in runs:
            points = " ".join(f"{left + 300 * (i + 0.5) / BINS:.1f},{230 - 200 * y / top / 1.02:.1f}" for i, y in enumerate(run[k]))
            out.append(f'<polyline points="{points}" fill="none" {stroke}/>')
        return out

    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 300" font-family="sans-serif" font-size="12">', '<rect width="720" height="300" fill="#fff"/>']
    lines += panel(40, 1, "density along the director", "distance along it") + panel(400, 2, "g(r)", "r")
    for k, (name, _, stroke) in enumerate(runs):
        lines.append(f'<path d="M{200 + 180 * k},285 h30" {stroke}/><text x="{236 + 180 * k}" y="289">{name}</text>')
    open(path, "w").write("\n".join(lines + ["</svg>", ""]))


first, second = ([look(*frame) for frame in frames(path)] for path in sys.argv[1:3])
half = len(first) // 2
a, b = mean(first), mean(second)
print(f"{len(first)} and {len(second)} frames; S {a[0]:.3f} and {b[0]:.3f}")
for name, pair in [("the two runs", differences(a, b)), ("halves of the first", differences(mean(first[:half]), mean(first[half:])))]:
    print(f"largest differences of {name}: S {pair[0]:.3f}, density along the director {pair[1]:.3f}, g(r) {pair[2]:.3f}")
picture(sys.argv[3], [("Gay-Berne", a, 'stroke="#0b5cad" stroke-width="2"'), ("learnt", b, 'stroke="#d9480f" stroke-width="2" stroke-dasharray="5 4"')])
