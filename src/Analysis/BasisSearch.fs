namespace AniSoap.Analysis

open AniSoap

/// A basis that was tried.
[<NoComparison>]
type internal TriedBasis = {
    Width: float
    MaxAngular: int
    MaxRadial: int
    /// Numbers of one particle's spectrum.
    Columns: int64
    /// The share of what differs between directions that it holds.
    Share: float
}

/// Tries widths and sizes of the basis on surroundings.
[<RequireQualifiedAccess>]
module internal BasisSearch =
    [<Literal>]
    let private LargestAngular = 9

    [<Literal>]
    let private LargestRadial = 6

    /// Of what the best basis holds, a smaller one should hold so much.
    [<Literal>]
    let Enough = 0.9

    /// Widths that are tried, in cutoff radii: beyond them functions end before the cutoff or hardly differ.
    let private widths = [ 0.15; 0.2; 0.25; 0.3; 0.35; 0.4; 0.5 ]

    /// A length with two digits, as people write them.
    let twoDigits (up: bool) (value: float) : float =
        let unit = System.Math.Pow(10.0, floor (log10 value) - 1.0)
        // 37.00000001 units are 37.
        let count = value / unit
        let rounded = if up then ceil (count - 1e-6) else round count
        // By a power of ten above one, so that the number is the one nearest to its digits.
        if unit < 1.0 then
            rounded / round (1.0 / unit)
        else
            rounded * round unit

    /// (l + 1)(k s)² numbers of k radial functions and s species.
    let columns (species: int) maxAngular maxRadial =
        let perL = int64 (maxRadial + 1) * int64 species
        int64 (maxAngular + 1) * perL * perL

    /// The power in each l of a width and a number of functions, nothing where the functions are not independent.
    let private tried cutoff (species: int seq) (clusters: Frame[]) width maxRadial =
        let hypers = {
            HyperRules.create LargestAngular (RadialBasis.Gto width) cutoff with
                MaxRadial = RadialCount.Uniform maxRadial
                CenterDensity = CenterDensity.Absent
        }

        match Projection.create hypers species with
        | Error _ -> None
        | Ok projection ->
            let radial = projection.RadialFunctions

            if
                seq { 0..LargestAngular }
                |> Seq.forall (fun l -> radial.Rank l = radial.Count l)
            then
                DensityShare.byAngular projection clusters |> Result.toOption
            else
                None

    /// All bases that hold something, the best width of each size.
    let all (cutoff: float) (species: int[]) (clusters: Frame[]) : TriedBasis list =
        let total = clusters |> Array.sumBy DensityShare.norm

        let powers = [
            for width in
                widths
                |> List.map (fun part -> twoDigits false (part * cutoff))
                |> List.distinct do
                for maxRadial in 1..LargestRadial do
                    match tried cutoff species clusters width maxRadial with
                    | Some power -> width, maxRadial, power
                    | None -> ()
        ]

        // What is the same in all directions, as well as any basis has it.
        let isotropic = powers |> List.fold (fun most (_, _, power) -> max most power[0]) 0.0
        let rest = total - isotropic

        [
            for width, maxRadial, power in powers do
                for maxAngular in 2..LargestAngular do
                    {
                        Width = width
                        MaxAngular = maxAngular
                        MaxRadial = maxRadial
                        Columns = columns species.Length maxAngular maxRadial
                        Share =
                            if rest > 0.0 then
                                Array.sum power[1..maxAngular] / rest
                            else
                                0.0
                    }
        ]
        |> List.groupBy (fun basis -> basis.MaxAngular, basis.MaxRadial)
        |> List.map (fun (_, sizes) -> sizes |> List.maxBy _.Share)

    /// The smallest that holds enough; within the most columns allowed the one that holds most, and the smallest of all where none is allowed.
    let choose (mostColumns: int64) (bases: TriedBasis list) : TriedBasis =
        let best = bases |> List.map _.Share |> List.max
        let allowed = bases |> List.filter (fun basis -> basis.Columns <= mostColumns)

        match allowed, allowed |> List.filter (fun basis -> basis.Share >= Enough * best) with
        | [], _ -> bases |> List.minBy _.Columns
        | _, [] -> allowed |> List.maxBy _.Share
        | _, enough -> enough |> List.minBy (fun basis -> basis.Columns, -basis.Share)
