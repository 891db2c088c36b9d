#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): a run at constant pressure, written as a PDB file of several models, loses its cells. The writer puts CRYST1 before the first model
# alone; the reader forgets what it has read of a cell when a model ends. All frames but the first come back without a cell and without periodicity, so that
# neighbours across the boundary are gone, without an error. Arrays by residue grow from model to model and fit the atoms of the first alone, with a warning.
#
# Seen: cells 5, 6, 7 written; 5, 0, 0 with periodicity True, False, False read.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 -W ignore - <<'PYTHON'
import ase
from ase import Atoms
from ase.io import read, write

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

edges = [5.0, 6.0, 7.0]
write("run.pdb", [Atoms("H2", [[0, 0, 0], [1, 2, 3]], cell=[edge] * 3, pbc=True) for edge in edges])
headers = sum(line.startswith("CRYST1") for line in open("run.pdb"))
frames = read("run.pdb", index=":")
print("CRYST1 lines:", headers, "cells:", [frame.cell.lengths()[0] for frame in frames], "periodic:", [bool(frame.pbc.all()) for frame in frames])
assert headers == 1
assert [frame.cell.lengths()[0] for frame in frames] == [5.0, 0.0, 0.0]
assert [bool(frame.pbc.all()) for frame in frames] == [True, False, False]
PYTHON
