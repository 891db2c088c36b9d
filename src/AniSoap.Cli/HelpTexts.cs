using System.CommandLine;

namespace AniSoap.Cli;

/// <summary>The texts of the help that are not about one option.</summary>
internal static class HelpTexts
{
    internal const string Program =
        "Rotation-invariant features (AniSOAP) of configurations of ellipsoids, for machine learning.";

    /// <summary>What follows a command's list of options: an example, and on the top level what all verbs share.</summary>
    internal static string After(Command command) =>
        command.Name switch
        {
            "power-spectrum" => """
                Example:
                  anisoap power-spectrum trajectory.xyz -o features.npz --max-angular 6 --max-radial 4 \
                      --radial-gaussian-width 1.5 --cutoff-radius 7
                """,
            "expansion" => """
                Example:
                  anisoap expansion trajectory.xyz -o coefficients.mts --hypers hypers.json
                """,
            "inspect" => """
                Example:
                  anisoap inspect trajectory.xyz --cutoff-radius 7
                """,
            "suggest" => """
                Example:
                  anisoap suggest trajectory.xyz
                """,
            "compare" => """
                Examples:
                  anisoap compare nematic.xyz smectic.xyz --normalize-rows --hypers hypers.json
                  anisoap compare features.npz -o distances.html
                """,
            "convert" => """
                Examples:
                  anisoap convert dump.lammpstrj -o frames.extxyz --frames ::10
                  anisoap convert trajectory.xyz --features features.npz -o map.json
                """,
            "coarse-grain" => """
                Example:
                  anisoap coarse-grain atoms.extxyz -o ellipsoids.extxyz --bonds 1.2 --shape-from average
                """,
            "train" => """
                Example:
                  anisoap train frames.extxyz -o potential.json --frames :2000
                """,
            "predict" => """
                Example:
                  anisoap predict frames.extxyz --model potential.json -o predicted.extxyz
                """,
            "evaluate" => """
                Example:
                  anisoap evaluate frames.extxyz --model potential.json --frames 2000: --below 1
                """,
            "simulate" => """
                Example:
                  anisoap simulate frames.extxyz --model potential.json -o trajectory.extxyz --log trajectory.csv \
                      --steps 10000 --time-step 0.002 --ensemble langevin --temperature 1
                """,
            "select" => """
                Example:
                  anisoap select features.npz -o columns.json --of features --count 50
                """,
            "reduce" => """
                Example:
                  anisoap reduce features.npz -o map.csv --method pcovr --components 2 --targets energy --save-model map.json
                """,
            "regress" => """
                Examples:
                  anisoap power-spectrum frames.extxyz -o features.npz --hypers hypers.json --keep energy
                  anisoap regress features.npz --targets energy --per-particle -o model.json
                  anisoap regress others.npz --model model.json -o predicted.csv
                """,
            "index" => """
                Example:
                  anisoap index trajectory.extxyz
                """,
            "merge" => """
                Example:
                  anisoap merge run.json -o features.npz
                """,
            "status" => """
                Example:
                  anisoap status run.json
                """,
            "submit" => """
                Example:
                  anisoap index trajectory.extxyz
                  anisoap submit --slurm --parts 8 --manifest run.json --run -- power-spectrum trajectory.extxyz \
                      -o features.npz --hypers hypers.json

                Everything after -- is the run that is cut into parts.
                """,
            "plot" => """
                Example:
                  anisoap plot frame trajectory.xyz -o frame.html --frames ::10

                anisoap plot frame --help (and so on) lists the options of each picture.
                """,
            "frame" => """
                Example:
                  anisoap plot frame trajectory.xyz -o frame.html --frames ::10 --color orientation --length-unit nm
                """,
            "basis" => """
                Example:
                  anisoap plot basis -o basis.html --max-angular 4 --max-radial 3 --radial-gaussian-width 1.5 --cutoff-radius 7
                """,
            "spectrum" => """
                Example:
                  anisoap plot spectrum features.npz -o spectrum.html --row 10
                """,
            "map" => """
                Example:
                  anisoap plot map isotropic.xyz nematic.xyz -o map.html --per-particle --max-angular 6 --max-radial 4 \
                      --radial-gaussian-width 1.5 --cutoff-radius 7
                """,
            "density" => """
                Example:
                  anisoap plot density trajectory.xyz -o density.html --particle 7 --plane xz --max-angular 9 \
                      --radial-gaussian-width 1 --cutoff-radius 5
                """,
            "body" => """
                Example:
                  anisoap plot body potential.json -o body.html --ellipsoids dimers.extxyz --length-unit Å
                """,
            _ => """
                Example:
                  anisoap power-spectrum trajectory.xyz -o features.npz --max-angular 6 --max-radial 4 \
                      --radial-gaussian-width 1.5 --cutoff-radius 7

                Exit codes:
                  0 done, 1 failed while running, 2 bad usage or bad input, 130 interrupted (Ctrl-C),
                  143 asked to end (SIGTERM), 129 the terminal went away (SIGHUP)

                Shell completion:
                  anisoap '[suggest:27]' "anisoap power-spectrum --ra" prints what may stand at that position, one a line:
                  verbs, options where a dash begins the word, and their values; files are left to the shell.
                  Bash:  _anisoap() { mapfile -t COMPREPLY < <(anisoap "[suggest:$COMP_POINT]" "$COMP_LINE"); }
                         complete -o default -F _anisoap anisoap
                  Zsh:   run `autoload -U +X bashcompinit && bashcompinit` first, then the same
                  Fish:  complete -c anisoap -a '(anisoap "[suggest]" (commandline -cp))'
                """,
        };
}
