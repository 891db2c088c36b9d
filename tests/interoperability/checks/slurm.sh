# A run in parts as a job array of Slurm: one part is killed, one node is lost, and the whole is that of one run.
in_parts() (
    set -euo pipefail
    cd "$folder"
    trap '"$here/slurm/down" "$folder/cluster"' EXIT
    "$here/slurm/up" "$folder/cluster"
    export SLURM_CONF="$folder/cluster/slurm.conf"
    for ((i = 0; i < 174; i++)); do gzip -dc "$repository/docs/data/gay-berne/nematic.extxyz.gz"; done >frames.extxyz
    hypers=(--max-angular 4 --max-radial 3 --radial-gaussian-width 1.5 --cutoff-radius 4)
    anisoap index frames.extxyz
    anisoap power-spectrum frames.extxyz -o whole.npz "${hypers[@]}" --quiet
    read -r job last < <(anisoap submit --slurm --parts 8 --manifest run.json --run -- power-spectrum frames.extxyz -o all.npz "${hypers[@]}")

    # A part at work on one node is killed without a word; then the other node is lost, whose part Slurm begins again.
    part=''
    for ((i = 0; i < 400; i++)); do
        part="$(squeue -h -j "$job" -t R -w n1 -o %K)"
        [[ -z $part || ! -e all.part-$part-of-8.npz.running ]] || break
        sleep 0.02
    done
    [[ -n $part ]] || { echo 'no part was seen at work'; exit 1; }
    kill -KILL "$(cut -d' ' -f2 "all.part-$part-of-8.npz.running")"
    scontrol update NodeName=n2 State=DOWN Reason=test
    sleep 1
    scontrol update NodeName=n2 State=RESUME

    # Slurm does not ask again for a part that failed: the merge does not begin. The same scripts go on where parts are missing.
    for ((i = 0; i < 600; i++)); do
        scontrol update JobId="$job" StartTime=now >/dev/null 2>&1 || true
        [[ -n "$(squeue -h -j "$job" 2>/dev/null)" ]] || break
        sleep 0.1
    done
    anisoap status run.json
    if anisoap merge run.json -o all.npz; then echo "part $part was killed and is not missing"; exit 1; fi
    again="$(sbatch --parsable run.json.slurm)"
    sbatch --wait --dependency="afterok:$again" run.json.merge.slurm
    anisoap status run.json
    anisoap status run.json --json - | grep -q '"done": 8'
    cmp whole.npz all.npz
)

needs sbatch slurmctld slurmd && check 'an array of 8 parts over 1,044 frames, one killed and a node lost, is one run bit for bit' in_parts
