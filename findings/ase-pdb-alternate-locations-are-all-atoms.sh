#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): a PDB file may give several places of one atom, each with an identifier in column 17 and an occupancy. ASE makes an atom of each:
# the molecule has more atoms than it has, two of them a bond's fraction apart, and no array says which belong together. Masses, inertia and shapes made of such atoms
# are wrong. The occupancies are kept, but an occupancy below 1 does not tell an alternative from a vacancy.
#
# Seen: 3 atoms for a molecule of two, one of which has two places; no array with the identifiers.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

cat >two.pdb <<'PDB'
HETATM    1  C   MOL A   1       1.000   0.000   0.000  1.00  0.00           C
HETATM    2  O  AMOL A   1       2.200   0.000   0.000  0.60  0.00           O
HETATM    3  O  BMOL A   1       2.100   0.400   0.000  0.40  0.00           O
END
PDB

/usr/bin/python3 - <<'PYTHON'
import ase
from ase.io import read

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

molecule = read("two.pdb", format="proteindatabank")
texts = {name: list(array) for name, array in molecule.arrays.items() if array.dtype.kind in "US"}
print(molecule.symbols, "occupancies", molecule.arrays["occupancy"], "texts", texts)
assert len(molecule) == 3
assert not any(set(values) >= {"A", "B"} for values in texts.values())
PYTHON
