"""Compares what ASE reads from extended XYZ with the rows of the LAMMPS dump that it was made of (or of the same run)."""

import sys

import ase.io
import numpy as np


def frames_of_dump(path):
    lines = open(path).read().splitlines()
    starts = [i for i, line in enumerate(lines) if line == "ITEM: TIMESTEP"] + [len(lines)]
    for start, stop in zip(starts, starts[1:]):
        at = next(i for i in range(start, stop) if lines[i].startswith("ITEM: ATOMS"))
        names = lines[at].split()[2:]
        rows = np.array([[float(word) for word in line.split()] for line in lines[at + 1 : stop]])
        rows = rows[np.argsort(rows[:, names.index("id")])]
        bounds = np.array([[float(w) for w in line.split()] for line in lines[at - 3 : at]])
        yield int(lines[start + 1]), {name: rows[:, i] for i, name in enumerate(names)}, bounds


def columns(table, *names):
    return np.stack([table[name] for name in names], axis=1)


def same(what, found, expected, tolerance):
    difference = np.abs(np.asarray(found, float) - expected).max()
    assert difference <= tolerance, f"{what}: off by {difference}"


def compare(atoms, step, table, bounds, is_strict):
    assert len(atoms) == len(table["id"])
    assert atoms.info["step"] == step, atoms.info
    assert all(atoms.pbc)
    assert np.array_equal(atoms.numbers, table["type"])
    same("c_q", atoms.arrays["c_q"], columns(table, "c_q[1]", "c_q[2]", "c_q[3]", "c_q[4]"), 2e-8)
    diameters = columns(table, "c_diameter[1]", "c_diameter[2]", "c_diameter[3]")
    if is_strict:
        same("diameter", atoms.arrays["diameter"], diameters, 0)
    else:
        for k in range(3):
            same("c_diameter", atoms.arrays[f"c_diameter[{k + 1}]"], diameters[:, k], 0)
    same("c_pe", atoms.arrays["c_pe"], table["c_pe"], 1e-8)
    same("torques", atoms.arrays["torques"], columns(table, "tqx", "tqy", "tqz"), 1e-8)
    same("forces", atoms.get_forces(), columns(table, "fx", "fy", "fz"), 1e-8)
    # Distances do not depend on where the box starts.
    positions = columns(table, "x", "y", "z")
    same("positions", atoms.positions - atoms.positions[0], positions - positions[0], 1e-6)
    if bounds.shape[1] == 2:
        same("cell", atoms.cell.lengths(), bounds[:, 1] - bounds[:, 0], 1e-12)
    else:
        tilts = [atoms.cell[1, 0], atoms.cell[2, 0], atoms.cell[2, 1]]
        same("cell", tilts, bounds[:, 2], 1e-12)


dump, *files = sys.argv[1:]
expected = list(frames_of_dump(dump + ".dump"))
for path in files:
    frames = ase.io.read(path, index=":", format="extxyz")
    assert len(frames) == len(expected), path
    for atoms, (step, table, bounds) in zip(frames, expected):
        compare(atoms, step, table, bounds, "strict" in path)
