#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): a frame's info with an empty text does not survive extended XYZ. The writer leaves nothing behind the key's equals sign, and
# the reader takes the next key with its value for the text: that key, here an energy, is gone, without an error or a warning. Two quotes do not help: the
# reader passes over them.
#
# Seen: {'comment': 'energy_ref=-1.5'} comes back for {'comment': '', 'energy_ref': -1.5}, and for comment="" in a file.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 - <<'PYTHON'
import ase
from ase import Atoms
from ase.io import read, write

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

atoms = Atoms("H")
atoms.info = {"comment": "", "energy_ref": -1.5}
write("written.xyz", atoms)
with open("quoted.xyz", "w") as file:
    file.write('1\nProperties=species:S:1:pos:R:3 comment="" energy_ref=-1.5\nH 0 0 0\n')

for name in "written.xyz", "quoted.xyz":
    found = read(name).info
    print(name, found)
    assert found.get("comment") == "energy_ref=-1.5" and "energy_ref" not in found, "the behaviour has changed"
PYTHON
