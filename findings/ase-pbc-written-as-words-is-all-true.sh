#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): an extended XYZ header may write logical values as T, F, True, False, true or false. In pbc="T T F" ASE reads what stands there;
# in pbc="True True False" every word is true, for a list of three texts is turned into logical values by NumPy, where a text that is not empty is true. A slab
# becomes a crystal, without an error or a warning.
#
# Seen: [True True False] for "T T F" and for "1 1 0", [True True True] for "True True False" and for "true true false".
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 - <<'PYTHON'
import ase
from ase.io import read

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

expected = {
    "T T F": [True, True, False],
    "1 1 0": [True, True, False],
    "True True False": [True, True, True],
    "true true false": [True, True, True],
}
for words, seen in expected.items():
    with open("slab.xyz", "w") as file:
        file.write(f'1\nLattice="3 0 0 0 3 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="{words}"\nH 0 0 0\n')
    found = read("slab.xyz").pbc.tolist()
    print(f'pbc="{words}":', found)
    assert found == seen, "the behaviour has changed"
PYTHON
