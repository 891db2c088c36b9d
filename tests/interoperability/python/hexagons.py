"""hexagons.py OUT.extxyz: 64 hexagons of six unit masses on a circle of radius 0.8, near a lattice, at random turns, with their own flat moments of inertia."""

import sys

import numpy

random = numpy.random.default_rng(1)
side, spacing = 4, 2.6
count = side**3
places = (numpy.stack(numpy.meshgrid(*[numpy.arange(side)] * 3, indexing="ij"), -1).reshape(-1, 3) + 0.5) * spacing + random.uniform(-0.1, 0.1, (count, 3))
turns = random.normal(size=(count, 4))
turns /= numpy.linalg.norm(turns, axis=1)[:, None]


def words(numbers):
    return " ".join(repr(float(x)) for x in numbers)


with open(sys.argv[1], "w") as out:
    box = side * spacing
    print(count, file=out)
    columns = "species:S:1:pos:R:3:c_q:R:4:c_diameter[1]:R:1:c_diameter[2]:R:1:c_diameter[3]:R:1:mass:R:1:inertia:R:3"
    print(f'Lattice="{box} 0 0 0 {box} 0 0 0 {box}" Properties={columns} pbc="T T T"', file=out)
    for place, turn in zip(places, turns):
        print("H", words(place), words(turn), "2.6 2.6 1.0 6.0 1.92 1.92 3.84", file=out)
