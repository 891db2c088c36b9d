#!/usr/bin/env python3
"""hexagons.py N BODIES SITES: N x N x N hexagons of six sites (ring of radius 0.8, masses of 1/6) at density 0.057, near a lattice, turned at random (seed 7): a LAMMPS data file of
bodies for pair_style anisoap, and one of their sites for lj/cut under fix rigid/small."""
import sys

import numpy as np

n, bodies, sites = int(sys.argv[1]), sys.argv[2], sys.argv[3]
random = np.random.default_rng(7)
count = n**3
spacing = (1 / 0.057) ** (1 / 3)
length = n * spacing
angles = np.arange(6) * np.pi / 3
ring = 0.8 * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
# A ring's moments 0.32, 0.32, 0.64 m r^2 as those of a solid ellipsoid; a flat one has no thickness, a thin one has the same moments to 1 in 250.
diameters = 2 * np.array([1.6**0.5, 1.6**0.5, 0.08])
centres = spacing * (np.stack(np.meshgrid(*3 * [np.arange(n)], indexing="ij"), axis=-1).reshape(-1, 3) + 0.5) + random.uniform(-0.1, 0.1, (count, 3))
q = random.normal(size=(count, 4))
q /= np.linalg.norm(q, axis=1)[:, None]
w, x, y, z = q.T
turns = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
                  2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], axis=1).reshape(-1, 3, 3)


def numbers(row):
    return ' '.join(f'{v:.16g}' for v in row)


box = "".join(f"0 {length:.16g} {c}lo {c}hi\n" for c in "xyz")
density = 6 / (np.pi / 6 * diameters.prod())
with open(bodies, "w") as out:
    out.write(f"Hexagons\n\n{count} atoms\n{count} ellipsoids\n1 atom types\n{box}\nAtoms # ellipsoid\n\n")
    for i, place in enumerate(centres):
        out.write(f"{i + 1} 1 1 {density:.16g} {place[0]:.16g} {place[1]:.16g} {place[2]:.16g}\n")
    out.write("\nEllipsoids\n\n")
    for i, turn in enumerate(q):
        out.write(f"{i + 1} {numbers(diameters)} {numbers(turn)}\n")
with open(sites, "w") as out:
    out.write(f"Sites\n\n{6 * count} atoms\n1 atom types\n{box}\nMasses\n\n1 1.0\n\nAtoms # bond\n\n")
    k = 0
    for i, place in enumerate(centres):
        for site in ring @ turns[i].T + place:
            k += 1
            out.write(f"{k} {i + 1} 1 {site[0]:.16g} {site[1]:.16g} {site[2]:.16g}\n")
