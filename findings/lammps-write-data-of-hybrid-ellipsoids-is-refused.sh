#!/usr/bin/env bash
# LAMMPS 29 Sep 2021 (Debian: lammps): a data file that write_data makes of `atom_style hybrid bond ellipsoid` cannot be read by read_data as it stands. Ellipsoids
# have masses of their own (densities in the file), the style bond has masses of types: nobody has set those, write_data puts them down as 0, and read_data
# accepts no mass of 0.
#
# Seen: "Masses / 1 0" in the file, and "ERROR: Invalid mass value (src/read_data.cpp:1755)". With that section cut out, the file is read.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v lmp >/dev/null || apt-get install -y -q --no-install-recommends lammps >/dev/null
lmp -h | grep '29 Sep 2021' >/dev/null || { echo 'another version of LAMMPS' >&2; exit 1; }

cat >write.in <<'INPUT'
units lj
atom_style hybrid bond ellipsoid
region box block 0 9 0 9 0 9
create_box 1 box bond/types 1 extra/bond/per/atom 2
create_atoms 1 single 1 1 1
create_atoms 1 single 4 4 4
set group all shape 3 1 1
set group all mass 2.5
set group all quat/random 1
pair_style zero 3.0
pair_coeff * *
bond_style zero
bond_coeff 1 1.0
run 0
write_data written.data nocoeff
INPUT
cat >read.in <<'INPUT'
units lj
atom_style hybrid bond ellipsoid
pair_style zero 3.0
bond_style zero
read_data ${file}
INPUT

lmp -in write.in -log none >/dev/null
sed -n '/^Masses/,/^Atoms/p' written.data
grep -A2 '^Masses' written.data | grep -qx '1 0' || { echo 'the masses are no longer written as 0' >&2; exit 1; }
if lmp -in read.in -var file written.data -log none >refused.log 2>&1; then
    echo 'LAMMPS reads its own file now' >&2
    exit 1
fi
grep 'Invalid mass value' refused.log
sed '/^Masses/,/^Atoms/{/^Atoms/!d}' written.data >without.data
lmp -in read.in -var file without.data -log none >/dev/null
echo 'without the section Masses it is read'
