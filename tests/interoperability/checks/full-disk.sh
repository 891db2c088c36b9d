# Parts on a disk that is full: nothing half-written is left, and once there is room the same parts make one run's file and model.
on_a_full_disk() (
    set -euo pipefail
    cd "$folder"
    trap 'cd "$folder"; umount "$folder/small"' EXIT
    gzip -dc "$repository/docs/data/gay-berne/nematic.extxyz.gz" >frames.extxyz
    gzip -dc "$repository/docs/data/gay-berne-dimers/dimers.extxyz.gz" >dimers.extxyz
    hypers=(--max-angular 4 --max-radial 3 --radial-gaussian-width 1.5 --cutoff-radius 4)
    anisoap index frames.extxyz dimers.extxyz --quiet
    anisoap power-spectrum frames.extxyz --per-particle -o whole.npz "${hypers[@]}" --quiet
    echo '{"max_angular":2,"max_radial":1,"own_max_radial":1,"neighbor_max_radial":1,"radial_gaussian_width":1.5,"cutoff_radius":8,"density_scale":0.6,
        "contact_shapes":[{"scale":1}],"own_channels":[{"rate":3}],"neighbor_channels":[{"rate":3}],"deepest_gap":-1}' >small.json
    anisoap train dimers.extxyz --choose --hypers small.json -o chosen.json --quiet
    anisoap train dimers.extxyz --hypers chosen.json -o whole.json --quiet
    # Either it goes well, or the disk is full and the program says so.
    either() {
        "$@" 2>said || { [[ $? == 1 ]] && grep -q 'no space is left' said; } || { cat said; exit 1; }
    }
    # Room for the manifests alone, then for half of the parts, then for all.
    for size in 12k 1100k 32m; do
        mount -o "remount,size=$size" small
        for i in 1 2; do
            either anisoap power-spectrum frames.extxyz --per-particle -o all.npz "${hypers[@]}" --part "$i/2" --manifest small/run.json --quiet
            either anisoap train dimers.extxyz --hypers chosen.json -o all.json --part "$i/2" --manifest small/train.json --quiet
        done
        # What stands is whole: no temporary file, and no part without its record but the one whose record found no room.
        if compgen -G 'small/.*' | grep -vE '/\.{1,2}$' || compgen -G 'small/*partial*'; then exit 1; fi
        for kind in run:npz train:json; do
            if anisoap merge "small/${kind%:*}.json" -o "merged.${kind#*:}" --force 2>said; then
                cmp "whole.${kind#*:}" "merged.${kind#*:}"
            else
                [[ $size != 32m ]] || { cat said; exit 1; }
            fi
        done
    done
)

mkdir "$folder/small"
if [[ $(id -u) == 0 ]] && mount -t tmpfs -o size=12k tmpfs "$folder/small" 2>/dev/null; then
    check 'parts on a disk that is full leave nothing wrong, and are one run bit for bit once there is room' on_a_full_disk
else
    echo '  left out: no file system may be mounted here for a disk that is full'
    skipped=$((skipped + 1))
fi
