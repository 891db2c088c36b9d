#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): a LAMMPS dump of a group of one atom (a colloid among solvent, a probe) is read neither as a frame nor as a trajectory. The rows are
# read into a table which, for one row, has one dimension, and the columns are then looked for in the second. Two atoms are read.
#
# Seen: "IndexError: too many indices for array: array is 1-dimensional, but 2 were indexed" for one atom, a frame of two for two.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 - <<'PYTHON'
import ase
from ase.io import read

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

def dump(*rows):
    bounds = "\n".join(["0 8"] * 3)
    with open("group.dump", "w") as file:
        file.write(f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{len(rows)}\nITEM: BOX BOUNDS pp pp pp\n{bounds}\nITEM: ATOMS id type x y z\n" + "\n".join(rows) + "\n")
    return read("group.dump", format="lammps-dump-text")

assert len(dump("1 1 1 2 3", "2 1 4 5 6")) == 2

try:
    dump("1 1 1 2 3")
    raise SystemExit("one atom is read now")
except IndexError as error:
    print("IndexError:", error)
    assert "1-dimensional" in str(error)
PYTHON
