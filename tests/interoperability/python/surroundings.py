"""surroundings.py FRAME.extxyz CUTOFF OUT: the first frame of a cuboid box as anisoap_evaluate takes it, images within the cutoff as particles of their own: int32 centres and particles,
doubles x y z, quaternions w x y z, semi-axes, int32 species (all 1), int64 first, int32 neighbours."""

import itertools
import sys

import numpy
from extended_xyz import frames

info, columns = next(frames(sys.argv[1]))
cutoff = float(sys.argv[2])
box = numpy.array([float(x) for x in info["Lattice"].split()]).reshape(3, 3).diagonal()
position = columns["pos"] % box
quaternion = columns["c_q"]
axes = 0.5 * numpy.concatenate([columns[name] for name in columns if "diameter" in name], 1)
count = len(position)
places, owners = [position], [numpy.arange(count)]
for shift in itertools.product((-1, 0, 1), repeat=3):
    if any(shift):
        moved = position + shift * box
        near = ((moved > -cutoff) & (moved < box + cutoff)).all(1)
        places.append(moved[near])
        owners.append(numpy.flatnonzero(near))
places, owners = numpy.concatenate(places), numpy.concatenate(owners)
lists = [numpy.flatnonzero(((places - place) ** 2).sum(1) < cutoff**2) for place in position]
lists = [found[found != i] for i, found in enumerate(lists)]
with open(sys.argv[3], "wb") as out:
    for numbers, kind in [
        ([count, len(places)], "i4"),
        (places, "f8"),
        (quaternion[owners], "f8"),
        (axes[owners], "f8"),
        (numpy.ones(len(places)), "i4"),
        (numpy.cumsum([0] + [len(found) for found in lists]), "i8"),
        (numpy.concatenate(lists), "i4"),
    ]:
        out.write(numpy.ascontiguousarray(numbers, "<" + kind).tobytes())
