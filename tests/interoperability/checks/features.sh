# Features in every format, read by the formats' own libraries in Python: the same numbers, labels and metadata.
if needs python:numpy; then
    write_features() {
        local frames="$repository/docs/data/gay-berne/nematic.extxyz.gz" ending
        local hypers=(--max-angular 4 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 4 --force --quiet)
        for ending in npz npy csv h5 parquet; do
            anisoap power-spectrum "$frames" "${hypers[@]}" -o "$folder/mean.$ending" &&
                anisoap power-spectrum "$frames" "${hypers[@]}" --per-particle --frames 0 -o "$folder/per-particle.$ending" &&
                anisoap power-spectrum "$frames" "${hypers[@]}" --dtype f4 -o "$folder/f4.$ending" || return 1
        done
        anisoap expansion "$frames" --frames 0 "${hypers[@]}" -o "$folder/blocks.mts" &&
            anisoap convert "$folder/blocks.mts" -o "$folder/blocks.h5" --force --quiet
    }

    check "features are written in every format" write_features
    check "NumPy reads .npz and .npy" "$(python_with numpy)" "$here/python/feature_files.py" numpy "$folder"
    check "Python reads .csv, and what stands beside it as CSV on the Web" \
        "$(python_with numpy)" "$here/python/feature_files.py" csv "$folder"
    if needs python:h5py; then
        check "h5py reads .h5, tables and blocks" "$(python_with h5py numpy)" "$here/python/feature_files.py" h5py "$folder"
    fi
    # pandas needs pyarrow for it, which Debian has not got.
    if needs python:pandas python:pyarrow; then
        check "pandas reads .parquet" "$(python_with pandas pyarrow numpy)" "$here/python/feature_files.py" pandas "$folder"
    fi
fi

# Chunk shapes, filters and types of numbers, as h5py chooses them or is told to.
if needs python:h5py python:numpy; then
    mkdir -p "$folder/shapes"
    check "HDF5 of random chunks, filters and types by h5py" \
        "$(python_with h5py numpy)" "$here/python/hdf5_shapes.py" "$folder/shapes" 20261128 40 dotnet "$program"
fi
