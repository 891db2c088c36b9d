#!/usr/bin/env bash
# PureHDF 2.2.0: a dataset whose chunks are narrower than its rows and whose only filter is Fletcher-32 is read with other numbers, without an error: in every row
# but the first, the numbers of the last chunk stand in the place of all chunks side by side. h5py makes such files with chunks=(3, 2), fletcher32=True, and also
# with its own choice of chunks. With gzip before the checksum, the numbers are right.
#
# Seen: 0 1 2 3 / 6 7 6 7 / 10 11 10 11 for a dataset of 0 … 11 in three rows.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-h5py >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends python3-h5py >/dev/null

/usr/bin/python3 - <<'PYTHON'
import h5py, numpy as np

with h5py.File("numbers.h5", "w", libver="latest") as file:
    file.create_dataset("numbers", data=np.arange(12.0).reshape(3, 4), chunks=(3, 2), fletcher32=True)
    file.create_dataset("compressed", data=np.arange(12.0).reshape(3, 4), chunks=(3, 2), compression="gzip", fletcher32=True)
PYTHON

cat >read.cs <<'CSHARP'
#:package PureHDF@2.2.0
using PureHDF;

using var file = H5File.OpenRead("numbers.h5");
foreach (var name in new[] { "numbers", "compressed" })
    Console.WriteLine(string.Join(" ", file.Dataset(name).Read<double[]>()));
CSHARP
found="$(dotnet run --file read.cs)"
echo "$found"
[[ $found == '0 1 2 3 6 7 6 7 10 11 10 11
0 1 2 3 4 5 6 7 8 9 10 11' ]] || { echo 'the behaviour has changed' >&2; exit 1; }
