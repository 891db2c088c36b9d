#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): a LAMMPS dump has no energy of the frame. Where it has forces, ASE's frame has an energy all the same: exactly 0, which is written
# into extended XYZ as energy=0.0. Whoever trains on energies and forces of such a file trains on energies that nobody computed. Without forces, asking for the energy
# is an error.
#
# Seen: potential energy 0.0 and "energy=0.0" in the file for a dump with fx fy fz; RuntimeError for the dump without.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 - <<'PYTHON'
import ase
from ase.io import read, write

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

def dump(columns, *rows):
    bounds = "\n".join(["0 8"] * 3)
    with open("one.dump", "w") as file:
        file.write(f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n{len(rows)}\nITEM: BOX BOUNDS pp pp pp\n{bounds}\nITEM: ATOMS {columns}\n" + "\n".join(rows) + "\n")
    return read("one.dump", format="lammps-dump-text")

frame = dump("id type x y z fx fy fz", "1 1 1 2 3 0.5 -0.25 1", "2 1 4 5 6 -0.5 0.25 -1")
write("one.extxyz", frame, format="extxyz")
header = open("one.extxyz").read().splitlines()[1]
print(frame.get_potential_energy(), header)
assert frame.get_potential_energy() == 0.0 and "energy=0.0" in header

try:
    dump("id type x y z", "1 1 1 2 3", "2 1 4 5 6").get_potential_energy()
    raise SystemExit("an energy without forces too")
except RuntimeError as error:
    print("without forces:", error)
PYTHON
