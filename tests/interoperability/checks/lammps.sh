# Data files and dumps, read by LAMMPS: the energy that it computes is the one that it printed into the dump.
if needs lmp python:zipfile; then
    unpack lammps

    # energy SCRIPT DATA [DUMP]: LAMMPS's potential energy of a data file, with positions of a dump if there is one.
    energy() {
        local positions='print none'
        [[ -z ${3:-} ]] || positions="read_dump $3 0 x y z"
        (cd "$folder" && rm -f energy.txt &&
            lmp -in "$here/lammps/$1" -var data "$2" -var then "$positions" -log none -screen none -nocite >&2) &&
            cat "$folder/energy.txt"
    }

    # The sum of c_pe in the first frame of a dump.
    printed() {
        awk '$1 == "ITEM:" && $2 == "ATOMS" { if (frames++) exit; for (i = 3; i <= NF; i++) if ($i == "c_pe") column = i - 2; next }
             $1 == "ITEM:" && frames { exit }
             column { sum += $column }
             END { printf "%.9g\n", sum }' "$1"
    }

    # Coordinates of eight digits leave six of the energy.
    same_energy() {
        awk -v a="$1" -v b="$2" 'BEGIN { if (a == "" || b == "" || !((a - b)^2 <= (1e-6 * b)^2)) { print a, "is not", b; exit 1 } }'
    }

    accepted() {
        local script=$1 input=$2 frames=$3
        anisoap convert "$input" --frames "$frames" -o "$folder/out.data" --force --quiet &&
            same_energy "$(energy "$script" out.data)" "$4"
    }

    dumped() {
        anisoap convert "$2" --frames 0 -o "$folder/out.data" --force --quiet &&
            anisoap convert "$2" --frames 0 -o "$folder/out.dump" --force --quiet &&
            same_energy "$(energy "$1" out.data out.dump)" "$3"
    }

    for state in isotropic nematic smectic; do
        dump="$folder/lammps/states/$state.dump"
        check "the $state state as a data file has the energy of the dump" \
            accepted gay-berne.in "$dump" 0 "$(printed "$dump")"
        check "the $state state from extended XYZ has it too" \
            accepted gay-berne.in "$folder/lammps/states/$state.extxyz" 0 "$(printed "$dump")"
    done

    dump="$folder/lammps/states/mixture.dump"
    check 'the mixture in a triclinic box has the energy of the dump' accepted mixture.in "$dump" 0 "$(printed "$dump")"
    check 'a dump that was written is read by read_dump' dumped mixture.in "$dump" "$(printed "$dump")"

    # points INPUT [OPTIONS]: ellipsoids and points, whose energy gayberne has from another formula.
    points() {
        local input=$1
        shift
        anisoap convert "$input" -o "$folder/points.data" --force --quiet "$@" &&
            same_energy "$(energy points.in points.data)" "$(energy points.in "$here/../data/peers/points.data")"
    }
    peers="$here/../data/peers"
    check 'points stay points in a data file' points "$peers/points.data"
    check 'points stay points whatever their diameter' points "$peers/points.data" --point-diameter 0.6
    check 'points of a dump are those of the data file' points "$peers/points.dump" --shapes-from "$peers/points.data"

    general() {
        anisoap convert "$folder/lammps/2025/out-restricted.data" -o "$folder/restricted.data" --quiet &&
            anisoap convert "$folder/lammps/2025/general.dump" --point-diameter 1 -o "$folder/general.extxyz" --quiet &&
            anisoap convert "$folder/general.extxyz" -o "$folder/general.data" --quiet &&
            same_energy "$(energy general.in general.data)" "$(energy general.in restricted.data)"
    }
    check 'a general triclinic box, turned into the frame of LAMMPS, has the energy of the restricted one' general
fi
