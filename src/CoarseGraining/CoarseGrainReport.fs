namespace AniSoap

open System
open System.Collections.Generic
open System.Globalization

/// The mean and the spread of a number, gathered one by one.
[<Sealed>]
type internal Spread() =
    let mutable count = 0L
    let mutable mean = 0.0
    let mutable squares = 0.0
    let mutable least = infinity
    let mutable most = -infinity

    member _.Add(value: float) =
        count <- count + 1L
        let d = value - mean
        mean <- mean + d / float count
        squares <- squares + d * (value - mean)
        least <- min least value
        most <- max most value

    member _.Mean = mean

    member _.Deviation =
        if count < 2L then
            0.0
        else
            sqrt (squares / float (count - 1L))

    member _.Least = least
    member _.Most = most

/// What was found of a kind of molecule.
type KindReport = {
    /// Its name.
    Name: string
    /// The species of its ellipsoids.
    Species: int
    /// The atoms of one.
    AtomsEach: int
    /// How many there were in all frames.
    Count: int64
    /// The mean semi-axes.
    MeanSemiAxes: Vector3
    /// Their standard deviations.
    SpreadOfSemiAxes: Vector3
    /// The smallest semi-axes.
    LeastSemiAxes: Vector3
    /// The largest semi-axes.
    MostSemiAxes: Vector3
    /// How far all atoms stay from those of the reference molecule, laid onto each by mass.
    ResidualOntoFirst: FitResidual
    /// The same from the average molecule, and how many molecules that is the average of.
    ResidualOntoAverage: (FitResidual * int64) option
    /// How many are planar, or nearly so: the smallest axis of the atoms themselves below a tenth of the largest.
    Planar: int64
    /// How many are straight, or nearly so: two such axes.
    Straight: int64
}

/// What a run of coarse-graining found.
type CoarseGrainReport = {
    /// The number of frames.
    Frames: int
    /// The kinds of molecules.
    Kinds: KindReport list
    /// What was understood of the atoms.
    Atoms: AtomKind list
    /// Atoms that stayed spheres, in all frames.
    Spheres: int64
    /// Atoms that were in no group, in all frames.
    Leftover: int64
    /// The molecules that most frames have, as `48 C6H6`.
    Usual: string
    /// Frames with more pieces than most have: broken molecules.
    Broken: int list
    /// Frames with fewer pieces: merged molecules.
    Merged: int list
    /// Frames with as many pieces, and others than most.
    Other: int list
}

/// Reports as people read them.
module CoarseGrainReport =
    let private number (value: float) = value.ToString("0.####", CultureInfo.InvariantCulture)

    /// Numbers of frames; long lists end in how many there are.
    let private frames (numbers: int list) =
        let shown = numbers |> List.truncate 20 |> List.map string |> String.concat ", "

        if numbers.Length > 20 then
            shown + ", … (" + string numbers.Length + " frames)"
        else
            shown

    let private axes (kind: KindReport) =
        let one choose =
            let mean = $"{number (choose kind.MeanSemiAxes)} ± {number (choose kind.SpreadOfSemiAxes)}"

            mean
            + $" ({number (choose kind.LeastSemiAxes)} to {number (choose kind.MostSemiAxes)}"
            + ")"

        [ (fun (v: Vector3) -> v.X); (fun v -> v.Y); (fun v -> v.Z) ]
        |> List.map one
        |> String.concat ", "

    let private ofKind (report: CoarseGrainReport) (kind: KindReport) =
        let residuals choose =
            let average =
                match kind.ResidualOntoAverage with
                | Some(residual, count) -> ", " + number (choose residual) + " onto the average of " + string count
                | None -> ""

            $"{number (choose kind.ResidualOntoFirst)} onto the reference molecule{average}"

        [
            String.Format(
                CultureInfo.InvariantCulture,
                "{0} (species {1}, {2} atoms each): {3} in {4} frames",
                kind.Name,
                kind.Species,
                kind.AtomsEach,
                kind.Count,
                report.Frames
            )
            $"  semi-axes: {axes kind}"
            $"  rigid fit, rms distance over atoms: {residuals _.OverAtoms}"
            $"  rigid fit, rms distance by mass: {residuals _.ByMass}"
        ]

    /// What the elements were taken to be: `C = C (name)`.
    let elements (report: CoarseGrainReport) =
        report.Atoms
        |> List.map (fun kind ->
            match kind.Element with
            | Some element -> $"{kind.Label} = {element.Symbol} " + $"({kind.Told}), mass {number kind.Mass}"
            | None -> $"{kind.Label} = no known element, mass {number kind.Mass}")
        |> String.concat "; "

    /// Lines that say what was found.
    let lines (report: CoarseGrainReport) : string list = [
        $"molecules: {report.Usual}"
        yield! report.Kinds |> List.collect (ofKind report)
        $"elements: {elements report}"
        if report.Spheres > 0L then
            "atoms that stay spheres: " + string report.Spheres + " in all frames"
        "atoms left over: " + string report.Leftover + " in all frames"
    ]

    /// So many of all molecules of a kind.
    let private share (kind: KindReport) (count: int64) = kind.Name + ": " + string count + " of " + string kind.Count

    /// What a person should look at.
    let warnings (report: CoarseGrainReport) : string list = [
        let usual = "most frames have " + report.Usual

        if not report.Broken.IsEmpty then
            $"broken molecules (more pieces than most) in the frames {frames report.Broken}; {usual}"
            + ": a larger factor of the bonds (--bonds) holds them together"

        if not report.Merged.IsEmpty then
            $"merged molecules (fewer pieces than most) in the frames {frames report.Merged}; {usual}"
            + ": a smaller factor of the bonds (--bonds) keeps them apart"

        if not report.Other.IsEmpty then
            $"other molecules than most in the frames {frames report.Other}; {usual}"

        for kind in report.Kinds do
            if kind.Straight > 0L then
                share kind kind.Straight
                + " are straight or nearly so; their thin axes say little (--min-axis and --add-radius vdw give them a thickness)"
            elif kind.Planar > 0L then
                share kind kind.Planar
                + " are planar or nearly so; their thin axis says little (--min-axis and --add-radius vdw give it a thickness, --shape-from average the mean one)"

        if report.Leftover > 0L then
            string report.Leftover
            + " atoms are in no group and are not written (--with-atoms keeps them)"
    ]
