# `simulate --engine lammps`: the bodies of the program in LAMMPS and back.
if [[ ! -e $repository/native/libanisoap.so ]]; then
    missing 'the C library (./build native host)'
elif needs lmp mpicxx mpirun python:numpy; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    python="$(python_with numpy)"
    mkdir "$folder/native"
    ln -s "$repository/native/libanisoap.so" "$folder/native"
    "$repository/lammps/build" "$folder/native/anisoapplugin.so"
    nematic="$repository/docs/data/gay-berne/nematic.extxyz.gz"

    # moved OUTPUT WORDS…: a run by LAMMPS, with a log beside its trajectory.
    moved() {
        local output=$1
        shift
        anisoap simulate "$@" --engine lammps --lammps-libraries "$folder/native" -o "$folder/$output.extxyz" --log "$folder/$output.csv" --quiet
    }
    learnt=("$nematic" --frames 1 --model "$here/lammps/nematic-potential.json" --seed 3)

    # Rods and discs in a cell that LAMMPS must turn.
    same_start() {
        unpack lammps
        anisoap convert "$folder/lammps/states/mixture.dump" --frames 0 -o "$folder/mixture.extxyz" --quiet
        "$python" "$here/python/turned_cell.py" "$folder/mixture.extxyz" "$folder/cell.extxyz"
        local words=("$folder/cell.extxyz" --model "$here/lammps/mixture-potential.json" --steps 20 --time-step 0.0002 --every 20 --temperature 1)
        anisoap simulate "${words[@]}" -o "$folder/own.extxyz" --log "$folder/own.csv" --quiet
        moved turned "${words[@]}" --lammps-folder "$folder/kept" || return 1
        "$python" "$here/python/same_motion.py" "$folder/own.extxyz" "$folder/turned.extxyz"
    }
    check 'LAMMPS begins with the forces, torques, energy and virial of the program in a turned cell, and moves the same way' same_start

    # Flat bodies made of sites, with energies of their own.
    bodies() {
        "$python" "$here/python/hexagons.py" "$folder/hexagons.extxyz"
        local words=("$folder/hexagons.extxyz" --model "$here/lammps/hexagon-potential.json" --steps 20 --time-step 0.0002 --every 20 --temperature 1)
        anisoap simulate "${words[@]}" -o "$folder/own.extxyz" --quiet --force
        moved bodies "${words[@]}" --lammps-folder "$folder/sites" && "$python" "$here/python/same_motion.py" "$folder/own.extxyz" "$folder/bodies.extxyz" || return 1
        # Halves of pairs that are listed once come home from other ranks too.
        moved ranks "${words[@]}" --lammps-command 'mpirun --oversubscribe -np 4 lmp' && "$python" "$here/python/same_motion.py" "$folder/own.extxyz" "$folder/ranks.extxyz" || return 1
        sed -e 's/^thermo_style.*/compute each all pe\/atom\ncompute sum all reduce sum c_each\nthermo_style custom step pe c_sum/' -e 's/^run .*/run 0/' "$folder/sites/run.in" >"$folder/sites/each.in"
        (cd "$folder/sites" && LD_LIBRARY_PATH="$folder/native" mpirun --oversubscribe -np 2 lmp -in each.in -log none -nocite) |
            awk '$1 == "Step" { on = 1; next } $1 == "Loop" { on = 0 } on { n++; if (($2 - $3)^2 > (1e-12 * $2)^2) bad = 1; print } END { exit !(n == 1 && !bad) }'
    }
    check 'bodies made of sites have their forces, torques, energies and moments of inertia' bodies

    # A third of the hexagons are points instead: a group of their own.
    points() {
        "$python" "$here/python/points_beside.py" "$folder/hexagons.extxyz" "$here/lammps/hexagon-potential.json" "$folder/beside.extxyz" "$folder/beside.json"
        local words=("$folder/beside.extxyz" --model "$folder/beside.json" --steps 20 --time-step 0.0002 --every 20 --temperature 1)
        anisoap simulate "${words[@]}" -o "$folder/own.extxyz" --quiet --force
        moved points "${words[@]}" --lammps-folder "$folder/apart" && "$python" "$here/python/same_motion.py" "$folder/own.extxyz" "$folder/points.extxyz" || return 1
        grep -q '^fix shift points nve$' "$folder/apart/run.in" || return 1
        local ensemble
        for ensemble in 'langevin --friction-time 0.2' nvt 'npt --pressure 0.1'; do
            moved "points-${ensemble%% *}" "${words[@]}" --ensemble $ensemble || return 1
        done
    }
    check 'points beside bodies have a group of their own, and move as in the program' points

    # The total energy's standard deviation falls as the square of the step, and has no slope.
    conserved() {
        moved coarse "${learnt[@]}" --temperature 1 --steps 160 --time-step 0.004 --every 2 --lammps-command 'mpirun -np 2 lmp' &&
            moved fine "${learnt[@]}" --temperature 1 --steps 320 --time-step 0.002 --every 4 --lammps-command 'mpirun -np 2 lmp' || return 1
        "$python" "$here/python/conserved.py" 500 "$folder/coarse.csv" "$folder/fine.csv"
    }
    check 'under nve/asphere the total energy has no slope, and scatters as the square of the time step' conserved

    # 36 of the 500: a gas in a bath.
    heated() {
        anisoap convert "$repository/docs/data/gay-berne/isotropic.extxyz.gz" --frames 0 -o "$folder/gas.dump" --quiet
        awk -v keep=36 '/NUMBER OF ATOMS/ { print; getline; print keep; next } /ITEM: ATOMS/ { print; on = 1; next } !on || n++ < keep' "$folder/gas.dump" >"$folder/few.dump"
        moved bath "$folder/few.dump" --model "$here/lammps/nematic-potential.json" --ensemble langevin --temperature 1.2 --friction-time 0.1 --steps 25000 --time-step 0.004 --every 25 || return 1
        "$python" "$here/python/mean_temperatures.py" "$folder/bath.csv" 5000 1.2 0.02
    }
    check 'langevin keeps the temperature of translations and that of rotations' heated

    pressed() {
        moved pressed "$folder/few.dump" --model "$here/lammps/nematic-potential.json" --ensemble npt --temperature 1 --pressure 0.05 --steps 200 --time-step 0.004 --lammps-folder "$folder/pressed" || return 1
        grep -q '^fix_modify move press pressure$' "$folder/pressed/run.in" && (($(grep -c Lattice= "$folder/pressed.extxyz") == 3))
    }
    check 'npt/asphere runs with the pressure of translations' pressed

    refused_run() {
        local sentence=$1 output
        shift
        if output="$("$@" 2>&1)"; then
            echo "was not refused: $output"
            return 1
        fi
        grep -qF "$sentence" <<<"$output" && (($(wc -l <<<"$output") == 1)) && [[ ! -e $folder/no.extxyz ]] || { echo "$output"; return 1; }
    }
    few=("$folder/few.dump" --model "$here/lammps/nematic-potential.json" --temperature 1 --time-step 0.001)
    check 'a LAMMPS that is missing is named' refused_run 'the program no-lmp is missing' moved no "${few[@]}" --steps 10 --lammps-command no-lmp
    check 'libraries that are missing are named' refused_run './build lammps' anisoap simulate "${few[@]}" --steps 10 --engine lammps --lammps-libraries "$folder" -o "$folder/no.extxyz" --quiet
    check 'what LAMMPS refuses is said in its words' refused_run 'ERROR' env ANISOAP_LIBRARY=/no/such.so dotnet "$program" simulate "${few[@]}" --steps 10 --engine lammps --lammps-libraries "$folder/native" -o "$folder/no.extxyz" --quiet

    running() {
        local process
        for process in $(pgrep -x lmp); do
            [[ $(readlink "/proc/$process/cwd") != "$folder/cut" ]] || return 0
        done
        return 1
    }
    interrupted() {
        local seconds=0
        dotnet "$program" simulate "${few[@]}" --steps 100000000 --every 1000 --engine lammps --lammps-libraries "$folder/native" --lammps-folder "$folder/cut" -o "$folder/no.extxyz" --quiet &
        until running; do ((seconds++ < 60)) || return 1; sleep 1; done
        kill -TERM $!
        wait $!
        local code=$?
        for _ in {1..20}; do
            running || break
            sleep 0.5
        done
        ((code == 143)) && ! running && [[ -z $(find "$folder" -maxdepth 1 -name '*no.extxyz*') ]]
    }
    check 'an interruption ends LAMMPS too and leaves nothing' interrupted
fi
