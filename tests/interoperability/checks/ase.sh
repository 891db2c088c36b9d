# Extended XYZ, both forms, read by ASE: the columns under the names that AniSOAP looks for, and what travelled along.
if needs python:ase python:zipfile; then
    unpack lammps

    ase_reads() {
        anisoap convert "$folder/lammps/states/$1" -o "$folder/out.extxyz" --force --quiet &&
            anisoap convert "$folder/lammps/states/$1" -o "$folder/strict.extxyz.gz" --strict --force --quiet &&
            "$(python_with ase)" "$here/python/ase_frames.py" "$folder/lammps/states/${1%.*}" "$folder/out.extxyz" "$folder/strict.extxyz.gz"
    }

    for file in nematic.dump nematic.extxyz mixture.dump; do
        check "ASE reads $file as extended XYZ, escaped and strict" ase_reads "$file"
    done
fi
