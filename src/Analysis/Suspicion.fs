namespace AniSoap.Analysis

open System
open AniSoap

/// What a likely mistake is about.
[<RequireQualifiedAccess>]
type SuspicionKind =
    /// Shapes of half their size: full lengths were expected and half lengths given.
    | SmallShapes
    /// Shapes of twice their size.
    | LargeShapes
    /// Quaternions read with the scalar at the wrong end.
    | OrientationOrder
    /// Particles within each other.
    | Overlaps
    /// A cutoff shorter than the particles.
    | ShortCutoff
    /// A cutoff within which there is nobody.
    | NoNeighbors
    /// Particles that are all turned the same way as the lab.
    | NotTurned
    /// Radial functions that are the others' combinations.
    | DroppedFunctions
    /// Radial functions wider than the cutoff.
    | WideGaussian
    /// Radial functions that end before the next particle.
    | NarrowGaussian

/// A likely mistake in what features are made of. The numbers can be computed all the same; they may not mean what they were meant to.
type Suspicion = {
    /// What it is about.
    Kind: SuspicionKind
    /// One sentence: what was found, and what mends it.
    Sentence: string
    /// Where, if it is at a place.
    Place: Place
}

/// Likely mistakes in hyperparameters.
module internal SuspicionRules =
    let make kind sentence place = { Kind = kind; Sentence = sentence; Place = place }

    /// A number for people: five digits.
    let show (value: float) = value.ToString("G5", Globalization.CultureInfo.InvariantCulture)

    let private functions (radial: RadialFunctions) =
        let ls = [ 0 .. radial.MaxAngular ]
        List.sumBy radial.Count ls, List.sumBy radial.Rank ls

    /// The largest uniform max_radial with which nothing is dropped, below what is kept of any l now.
    let private independent (hypers: Hypers) (radial: RadialFunctions) =
        let least = List.min [ for l in 0 .. radial.MaxAngular -> radial.Rank l ]

        seq { least - 1 .. -1 .. 0 }
        |> Seq.tryFind (fun n ->
            match RadialOrthonormalization.create { hypers with MaxRadial = RadialCount.Uniform n } with
            | Ok made ->
                let count, kept = functions made
                count = kept
            | Error _ -> false)

    let private dropped (projection: Projection) =
        let hypers = projection.Hypers
        let count, kept = functions projection.RadialFunctions

        if kept = count then
            []
        else
            let remedy =
                match independent hypers projection.RadialFunctions with
                | Some n -> "; --max-radial " + string n + " keeps all of its functions"
                | None -> "; fewer of them, or a smaller --basis-rcond, keep all"

            [
                make
                    SuspicionKind.DroppedFunctions
                    (string (count - kept)
                     + " of "
                     + string count
                     + " radial functions are dropped, as the others can make them up (eigenvalues of their overlap up to basis_rcond = "
                     + show hypers.BasisRcond
                     + "): some columns are combinations of others"
                     + remedy)
                    Place.Unknown
            ]

    let private wide (hypers: Hypers) =
        match hypers.RadialBasis with
        | Gto width when width > hypers.CutoffRadius -> [
            make
                SuspicionKind.WideGaussian
                ("the Gaussian width "
                 + show width
                 + " is larger than the cutoff "
                 + show hypers.CutoffRadius
                 + ": the radial functions hardly tell neighbours at different distances apart (--radial-gaussian-width of a fraction of the cutoff does)")
                Place.Unknown
          ]
        | _ -> []

    /// What is likely wrong with the hyperparameters themselves, whatever the frames.
    let ofProjection (projection: Projection) : Suspicion list = dropped projection @ wide projection.Hypers
