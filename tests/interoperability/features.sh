#!/usr/bin/env bash
# Reads what the program writes with the formats' own libraries in Python: NumPy for .npz and .npy, h5py for HDF5, and pandas or polars for Parquet
# where there is one. Says what is missing; fails where a library reads something else than was written.
set -euo pipefail
cd "$(dirname "$0")/../.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python=/usr/bin/python3
has() { [[ -x $python ]] && $python -c "import $1" 2>/dev/null; }

if ! has numpy || ! has h5py; then
    if [[ ${CI:-} == true ]] && command -v apt-get >/dev/null; then
        apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends python3-numpy python3-h5py >/dev/null || true
    fi
fi

program() { dotnet src/AniSoap.Cli/bin/Release/net10.0/anisoap.dll "$@"; }
[[ -e src/AniSoap.Cli/bin/Release/net10.0/anisoap.dll ]] || dotnet build -c Release src/AniSoap.Cli >/dev/null

hypers=(--max-angular 4 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 4)
for more in mean per-particle f4; do
    options=()
    [[ $more == per-particle ]] && options=(--per-particle --frames 0)
    [[ $more == f4 ]] && options=(--dtype f4)
    for ending in npz npy h5 parquet csv; do
        program power-spectrum docs/data/gay-berne/nematic.extxyz.gz "${hypers[@]}" "${options[@]}" -o "$work/$more.$ending"
    done
done
program expansion docs/data/gay-berne/nematic.extxyz.gz --frames 0 "${hypers[@]}" -o "$work/blocks.mts"
program convert "$work/blocks.mts" -o "$work/blocks.h5"

if ! has numpy; then
    echo 'not checked: NumPy is missing (Debian package python3-numpy)'
    exit 0
fi

$python - "$work" <<'PYTHON'
import json, sys
import numpy

work = sys.argv[1]
names = ["mean", "per-particle", "f4"]
tables = {}
for name in names:
    with numpy.load(f"{work}/{name}.npz") as table:
        tables[name] = {key: table[key] for key in table.files}
    values = tables[name]["values"]
    assert values.dtype == ("<f4" if name == "f4" else "<f8"), values.dtype
    assert numpy.array_equal(numpy.load(f"{work}/{name}.npy"), values), name
    assert json.loads(str(tables[name]["metadata"]))["hypers"]["max_angular"] == 4
print("NumPy", numpy.__version__, "reads .npz and .npy")

try:
    import h5py
except ImportError:
    print("not checked: h5py is missing (Debian package python3-h5py)")
else:
    for name in names:
        with h5py.File(f"{work}/{name}.h5") as file:
            assert file["values"].dtype == tables[name]["values"].dtype
            assert numpy.array_equal(file["values"][:], tables[name]["values"]), name
            for labels, of in [("samples", "sample_names"), ("properties", "property_names")]:
                assert numpy.array_equal(file[labels][:], tables[name][labels]), labels
                assert list(file[labels].attrs["names"]) == list(tables[name][of]), labels
            assert json.loads(file.attrs["metadata"]) == json.loads(str(tables[name]["metadata"]))
    import io, zipfile
    with h5py.File(f"{work}/blocks.h5") as file, zipfile.ZipFile(f"{work}/blocks.mts") as archive:
        array = lambda name: numpy.load(io.BytesIO(archive.read(name)))
        keys = array("keys.npy")
        assert list(file["keys"].attrs["names"]) == list(keys.dtype.names)
        for i in range(len(keys)):
            assert numpy.array_equal(file[f"blocks/{i}/values"][:], array(f"blocks/{i}/values.npy")), i
    print("h5py", h5py.__version__, "reads .h5")

try:
    import pandas
    frames = {name: pandas.read_parquet(f"{work}/{name}.parquet") for name in names}
except ImportError:
    print("not checked: pandas with pyarrow is missing, which reads .parquet")
else:
    for name in names:
        width = len(tables[name]["sample_names"])
        assert numpy.array_equal(frames[name].to_numpy()[:, width:], tables[name]["values"]), name
    print("pandas", pandas.__version__, "reads .parquet")
PYTHON
