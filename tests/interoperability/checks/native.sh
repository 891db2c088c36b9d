# The C library and LAMMPS's pair style: the numbers of the program, from C, from Python, and from LAMMPS on one, two and four ranks.
if [[ ! -e $repository/native/libanisoap.so ]]; then
    missing 'the C library (./build native host)'
elif needs gcc python:numpy; then
    export LD_LIBRARY_PATH="$repository/native${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    potential="$here/lammps/nematic-potential.json"
    python="$(python_with numpy)"
    gcc -Wall -Wextra -Werror -std=c11 -O1 -I"$repository/src/AniSoap.Native" "$repository/docs/samples/potential.c" -o "$folder/potential" -L"$repository/native" -lanisoap -lm
    anisoap convert "$repository/docs/data/gay-berne/nematic.extxyz.gz" --frames 1 -o "$folder/frame.data" --quiet
    anisoap predict "$folder/frame.data" --model "$potential" -o "$folder/frame.extxyz" --quiet

    # The pair of the sample as a file, and what the program says of it.
    cat >"$folder/pair.extxyz" <<'PAIR'
2
Properties=species:S:1:pos:R:3:c_q:R:4:c_diameter[1]:R:1:c_diameter[2]:R:1:c_diameter[3]:R:1
1 0 0 0 1 0 0 0 1 1 3
1 1.1 0.3 0.2 0.8 0.6 0 0 1 1 3
PAIR
    anisoap predict "$folder/pair.extxyz" --type-map H=1,He=2 --model "$potential" -o "$folder/pair-out.extxyz" --quiet

    same_pair() {
        local output
        output="$("$@")" || return 1
        "$python" - "$output" "$folder/pair-out.extxyz" <<'COMPARE'
import re, sys
said = [float(x) for x in sys.argv[1].split()]
lines = open(sys.argv[2]).read().split("\n")
energy = float(re.search(r'(?<!\w)energy="?([^\s"]+)', lines[1]).group(1))
expected = [energy] + [float(x) for x in lines[3].split()[-6:]]
print(said, expected)
assert len(said) == 7 and all(abs(a - b) <= 1e-13 * max(map(abs, expected)) for a, b in zip(said, expected))
COMPARE
    }

    refused() {
        local sentence=$1 output
        shift
        if output="$("$@" 2>&1)"; then
            echo "was not refused: $output"
            return 1
        fi
        grep -qF "$sentence" <<<"$output" || { echo "$output"; return 1; }
    }

    check 'a C program has the energy, force and torque of the program' same_pair "$folder/potential" "$potential"
    check 'so has a Python program by ctypes' same_pair "$python" "$repository/docs/samples/potential.py" "$potential"
    check 'a file that is no potential is refused with a sentence' refused 'expected: JSON' "$folder/potential" "$folder/frame.data"

    threads() {
        "$python" "$here/python/surroundings.py" "$folder/frame.extxyz" 4 "$folder/surroundings" &&
            gcc -Wall -Wextra -Werror -std=c11 -O1 -I"$repository/src/AniSoap.Native" "$here/c/threads.c" -o "$folder/threads" -L"$repository/native" -lanisoap -lpthread &&
            "$folder/threads" "$potential" "$folder/surroundings"
    }
    check 'four threads of a C program have the same bits' threads

    if needs lmp mpicxx mpirun; then
        export ANISOAP_LIBRARY="$repository/native/libanisoap.so" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1
        "$repository/lammps/build" "$folder/anisoapplugin.so"

        # learnt DUMP STEPS [VARIABLES…]: runs the script, its log on standard output. LAMMPS ends words at blanks only outside quotes.
        learnt() {
            local dump=$1 steps=$2
            shift 2
            local -A value=([data]="$folder/frame.data" [style]="pair_style anisoap $potential" [coefficients]='' [more]='print more' [bodies]=1:500 [newton]=on)
            local pair words=()
            for pair in "$@"; do value[${pair%%=*}]=${pair#*=}; done
            for pair in "${!value[@]}"; do words+=(-var "$pair" "${value[$pair]}"); done
            "${ranks[@]}" lmp -in "$here/lammps/learnt.in" -var plugin "$folder/anisoapplugin.so" -var dump "$folder/$dump" -var steps "$steps" "${words[@]}" -log none -nocite
        }

        forces() {
            learnt forces.dump 0 >"$folder/log" || { tail -5 "$folder/log"; return 1; }
            "$python" "$here/python/lammps_forces.py" "$folder/forces.dump" "$folder/frame.extxyz"
        }

        # The energy's rows of a log: step, pe, sum of the atoms', total.
        rows() { awk '$1 == "Step" { on = 1; next } $1 == "Loop" { on = 0 } on && NF > 3'; }

        # Rods and discs in a triclinic box.
        mixture() {
            local other="$here/lammps/mixture-potential.json"
            unpack lammps
            anisoap convert "$folder/lammps/states/mixture.dump" --frames 0 -o "$folder/mixture.data" --quiet
            anisoap predict "$folder/mixture.data" --model "$other" -o "$folder/mixture.extxyz" --quiet
            learnt mixture.dump 0 data="$folder/mixture.data" style="pair_style anisoap $other" bodies=1:400 >"$folder/log" || { tail -5 "$folder/log"; return 1; }
            "$python" "$here/python/lammps_forces.py" "$folder/mixture.dump" "$folder/mixture.extxyz"
        }

        added_up() {
            learnt energy.dump 30 | rows >"$folder/rows" || return 1
            awk '{ n++; if (($2 - $3)^2 > (1e-12 * $2)^2) { print "atoms sum to", $3, "not", $2; exit 1 } } END { exit !(n == 5) }' "$folder/rows"
        }

        for count in 1 2 4; do
            ranks=()
            [[ $count == 1 ]] || ranks=(mpirun --oversubscribe -np "$count")
            check "LAMMPS has the forces, torques and energy of the program on $count ranks" forces
        done
        ranks=()
        check 'two species in a triclinic box too' mixture
        check "atoms' energies add up" added_up

        boxes() {
            lmp -in "$here/lammps/virial.in" -var data "$folder/frame.data" -var plugin "$folder/anisoapplugin.so" -var potential "$potential" \
                -var out "$folder/virial" -log none -nocite >"$folder/log" || { tail -5 "$folder/log"; return 1; }
            "$python" "$here/python/virial.py" "$folder/virial"
        }
        check 'the virial is what energies of stretched and tilted boxes say' boxes

        summed() {
            learnt first.dump 0 >"$folder/log" &&
                learnt second.dump 0 style='pair_style lj/cut 2.5' coefficients='0.1 1.0' >"$folder/log" &&
                learnt sum.dump 0 style="pair_style hybrid/overlay anisoap $potential lj/cut 2.5" coefficients=anisoap more='pair_coeff * * lj/cut 0.1 1.0' >"$folder/log" ||
                { tail -5 "$folder/log"; return 1; }
            "$python" "$here/python/lammps_sum.py" "$folder/first.dump" "$folder/second.dump" "$folder/sum.dump"
        }
        check 'hybrid/overlay adds it to another pair style' summed

        part() {
            lmp -in "$here/lammps/restart.in" -var plugin "$folder/anisoapplugin.so" -var potential "$potential" -var data "$folder/frame.data" \
                -var restart "$folder/restart" -var part "$1" -var dump "$folder/$1.dump" -log none -nocite >"$folder/log" || { tail -5 "$folder/log"; return 1; }
        }
        continued() { part first && part second && cmp "$folder/first.dump" "$folder/second.dump"; }
        check 'a restart goes on as the run in one piece, to the last bit' continued
        check 'newton off is refused in one line' refused 'pair_style anisoap: needs newton on' learnt no.dump 0 newton=off
        check 'a file that is no potential is refused in one line' refused 'pair_style anisoap:' learnt no.dump 0 style="pair_style anisoap $folder/frame.data"
        check 'coefficients are refused in one line' refused "takes 'pair_coeff * *'" learnt no.dump 0 coefficients=1.0
        check 'a point without a shape is refused by its number' refused 'atom 7 is a point without a shape' learnt no.dump 0 more='set atom 7 shape 0 0 0' bodies='1:6 8:500'
        without_library() { ANISOAP_LIBRARY="$folder/nothing.so" learnt no.dump 0; }
        check 'a library that is missing is named' refused 'ANISOAP_LIBRARY names the library' without_library
    fi
fi
