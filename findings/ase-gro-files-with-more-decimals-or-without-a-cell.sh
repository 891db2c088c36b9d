#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): two kinds of GROMACS's .gro files. The format's manual lets a writer give more decimals, and tells a reader to find the width of a
# number from the distance of the decimal points: ASE cuts at fixed columns and stops. A box of three zeros is how a system without periodicity is written: ASE makes
# it periodic along a, b and c, with a cell of zero volume.
#
# Seen: "ValueError: could not convert string to float" for coordinates with five decimals; pbc [True True True] and a cell of zeros for a box of zeros.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 - <<'PYTHON'
import ase
from ase.io import read

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

def gro(decimals):
    width = decimals + 5
    numbers = "".join(f"{x:{width}.{decimals}f}" for x in (0.123, 0.234, 0.345))
    with open("one.gro", "w") as file:
        file.write(f"one\n    1\n    1SOL     OW    1{numbers}\n   0.00000   0.00000   0.00000\n")

gro(3)
atoms = read("one.gro")
print("three decimals:", atoms.positions.tolist(), atoms.pbc.tolist(), atoms.cell.volume)
assert atoms.pbc.all() and atoms.cell.volume == 0, "the behaviour has changed"

gro(5)
try:
    read("one.gro")
    raise SystemExit("the behaviour has changed: five decimals are read")
except ValueError as error:
    print("five decimals:", error)
    assert "could not convert" in str(error), "the behaviour has changed"
PYTHON
