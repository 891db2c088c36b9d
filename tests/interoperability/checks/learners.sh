# Learners as the program has them, against scikit-learn on the same features and targets.
if needs python:sklearn python:numpy; then
    learn() {
        local frames=("$repository"/docs/data/gay-berne/{isotropic,nematic,smectic}.extxyz.gz) method
        local scikit="$folder/f.npz --targets energy --per-particle --force --quiet"
        anisoap power-spectrum "${frames[@]}" --max-angular 4 --max-radial 3 --radial-gaussian-width 1.5 --cutoff-radius 4 \
            --keep energy -o "$folder/f.npz" --force --quiet &&
            anisoap regress $scikit --regularization 1e-4 -o "$folder/ridge.json" --json "$folder/ridge-errors.json" &&
            anisoap regress $scikit --method kernel --gamma 0.5 --no-intercept --regularization 1e-4 -o "$folder/kernel.json" --json "$folder/kernel-errors.json" &&
            anisoap reduce "$folder/f.npz" --components 3 -o "$folder/pca.npz" --force --quiet || return 1
        for method in ridge kernel; do
            anisoap regress "$folder/f.npz" --model "$folder/$method.json" -o "$folder/$method.npz" --force --quiet || return 1
        done
    }
    check "features are learnt from" learn
    check "scikit-learn predicts and reduces the same" "$(python_with sklearn numpy)" "$here/python/learners.py" "$folder"
fi
