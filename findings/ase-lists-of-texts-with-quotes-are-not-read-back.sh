#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): a list of texts in a frame's info is written into extended XYZ as JSON in quotes. Quotes inside are escaped for the header, but
# the backslashes that JSON has put there already are not: what comes back out of the header is no JSON any more. ASE's own reader stops at the file with a JSON
# error that names neither the key nor the frame, or, where the backslash and the letter behind it mean something in JSON, reads another text.
#
# Seen: JSONDecodeError for {'names': ['a"b', 'c']}; for a, backslash, b comes a and a backspace character; ['ab', 'c'] comes back.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null

/usr/bin/python3 - <<'PYTHON'
import json
import ase
from ase import Atoms
from ase.io import read, write

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

def there_and_back(names):
    atoms = Atoms("H")
    atoms.info = {"names": names}
    write("written.xyz", atoms)
    try:
        return list(read("written.xyz").info["names"])
    except json.JSONDecodeError as error:
        return type(error).__name__

for names, seen in [(["ab", "c"], ["ab", "c"]), (['a"b', "c"], "JSONDecodeError"), (["a\\b", "c"], ["a\x08", "c"])]:
    found = there_and_back(names)
    print(names, "->", found)
    assert found == seen, "the behaviour has changed"
PYTHON
