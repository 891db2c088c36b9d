#!/usr/bin/env bash
# ASE 3.22.1 (Debian: python3-ase): LAMMPS can dump the same atoms as x y z or, scaled by the box, as xs ys zs. For a box that does not begin at 0 0 0, ASE's positions
# differ: those of x y z stand in the box's own coordinates, those of xs ys zs and xsu ysu zsu are counted from its corner, though both frames say by their displacement
# of the cell that the corner is elsewhere. Frames of two dumps of one run do not lie on each other; atoms beside walls or a fixed group move.
#
# Seen: one atom at 4.5 6.5 -1 in a box from 1 2 -3 is read at 4.5 6.5 -1 from x y z and at 3.5 4.5 2 from xs ys zs; both frames have the displacement 1 2 -3.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-ase >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-ase >/dev/null
command -v lmp >/dev/null || apt-get install -y -q --no-install-recommends lammps >/dev/null
lmp -h | grep '29 Sep 2021' >/dev/null || { echo 'another version of LAMMPS' >&2; exit 1; }

cat >one.in <<'INPUT'
units lj
atom_style atomic
region box block 1 5 2 8 -3 4
create_box 1 box
create_atoms 1 single 4.5 6.5 -1
create_atoms 1 single 2 3 3
mass 1 1
pair_style zero 1
pair_coeff * *
dump plain all custom 1 plain.dump id type x y z
dump scaled all custom 1 scaled.dump id type xs ys zs
dump unwrapped all custom 1 unwrapped.dump id type xsu ysu zsu
run 0
INPUT
lmp -in one.in -log none -screen none

/usr/bin/python3 - <<'PYTHON'
import ase, numpy
from ase.io import read

assert ase.__version__ == "3.22.1", f"another version: {ase.__version__}"

expected = {"plain": [4.5, 6.5, -1.0], "scaled": [3.5, 4.5, 2.0], "unwrapped": [3.5, 4.5, 2.0]}

for name, position in expected.items():
    frame = read(name + ".dump", format="lammps-dump-text")
    print(name, frame.positions[0], "displacement of the cell", frame.get_celldisp().ravel())
    assert numpy.allclose(frame.positions[0], position) and numpy.allclose(frame.get_celldisp().ravel(), [1, 2, -3])
PYTHON
