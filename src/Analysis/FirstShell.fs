/// The first shell of neighbours, and the cutoff radius that takes it in.
module internal AniSoap.Analysis.FirstShell

open System.Globalization
open AniSoap

/// Neighbours that touch when both are grown so many times as much as the nearest are the first shell. For spheres that is where the first minimum of the
/// pair correlation of liquids stands.
[<Literal>]
let private Shell = 1.5

/// The part of the first shell within the cutoff.
[<Literal>]
let private ShellShare = 0.95

/// Three digits, as reasons are told.
let show (value: float) = value.ToString("G3", CultureInfo.InvariantCulture)

/// The cutoff radius, and why.
let cutoff (semiAxis: float) (seen: Surrounding[]) =
    let nearest =
        seen
        |> Array.choose (fun one ->
            if one.Neighbors.Length = 0 then
                None
            else
                Some(one.Neighbors |> Array.map _.Contact |> Array.min))

    if nearest.Length = 0 then
        let radius = BasisSearch.twoDigits true (3.0 * semiAxis)

        radius,
        "no particle that was looked at has a neighbour; this is 1.5 times the longest axis ("
        + show (2.0 * semiAxis)
        + ")"
    else
        let middle = Surroundings.median nearest

        let shell =
            seen
            |> Array.collect _.Neighbors
            |> Array.filter (fun one -> one.Contact <= Shell * middle)
            |> Array.map _.Distance
            |> Array.sort

        let within = shell[min (shell.Length - 1) (int (ShellShare * float shell.Length))]
        // Particles that touch end to end should see each other.
        let radius = BasisSearch.twoDigits true (max within (2.05 * semiAxis))

        let counts =
            seen
            |> Array.map (fun one ->
                one.Neighbors
                |> Array.filter (fun other -> other.Distance < radius)
                |> Array.length)

        radius,
        "95 % of the first shell (neighbours that touch when grown "
        + show (Shell * middle)
        + " times; nearest ones touch at "
        + show middle
        + ") are within "
        + show within
        + ", the longest axis is "
        + show (2.0 * semiAxis)
        + "; "
        + show (counts |> Array.averageBy float)
        + " neighbours each, "
        + string (Array.max counts)
        + " at most"
