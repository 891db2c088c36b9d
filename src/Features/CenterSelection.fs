namespace AniSoap

open System
open System.Collections.Generic

/// Some of the particles of some frames, by the frames' numbers: the centres that features are computed of, where not of all. `CenterSelection.create` makes them.
[<Sealed>]
type CenterSelection internal (byFrame: Dictionary<int, int[]>) =
    /// The number of centres.
    member _.Count = byFrame.Values |> Seq.sumBy _.Length

    /// The numbers of the frames that they are of, ascending.
    member _.Systems = byFrame.Keys |> Seq.sort |> Seq.toArray

    /// The chosen particles of a frame, ascending; none of other frames.
    member internal _.Of(system: int) : int[] =
        match byFrame.TryGetValue system with
        | true, particles -> particles
        | _ -> Array.Empty()

/// Selections of centres.
module CenterSelection =
    /// Particles (`atom`, from 0) of frames (`system`, as they are numbered in the run), in any order; one that is given twice counts once. Refuses negative numbers and none at all.
    let create (centers: struct (int * int) seq) : Result<CenterSelection, AniSoapError> =
        let byFrame = Dictionary<int, SortedSet<int>>()
        let mutable stray = None

        for struct (system, atom) in centers do
            if atom < 0 then
                stray <- Some(struct (system, atom))
            else
                match byFrame.TryGetValue system with
                | true, known -> known.Add atom |> ignore
                | _ -> byFrame.Add(system, SortedSet<int>([ atom ]))

        match stray with
        | Some(struct (system, atom)) ->
            Error(
                InvalidValue(
                    "chosen centre",
                    string atom,
                    "the number of a particle of its frame, from 0",
                    { Place.Unknown with Frame = Some system }
                )
            )
        | None when byFrame.Count = 0 -> Error(AniSoapError.invalid "number of chosen centres" 0 "at least one")
        | None ->
            let sorted = Dictionary<int, int[]>(byFrame.Count)

            for KeyValue(system, atoms) in byFrame do
                sorted.Add(system, Seq.toArray atoms)

            Ok(CenterSelection sorted)

    let private frames = [ "system"; "frame"; "type" ]
    let private particles = [ "atom"; "particle"; "center" ]

    /// The centres of rows that are about one particle each, as features of particles have them: `system` and `atom`, in tables `frame` and `particle`. Refuses rows without these.
    let ofLabels (labels: Labels) : Result<CenterSelection, AniSoapError> =
        let dimension names = names |> List.map labels.Dimension |> List.max
        let system, atom = dimension frames, dimension particles

        if system < 0 || atom < 0 then
            Error(
                AniSoapError.invalid
                    "dimensions of chosen centres"
                    (String.Join(", ", labels.Names))
                    "frame and particle (system and atom), as rows of particles have them"
            )
        else
            create (labels |> Seq.map (fun row -> struct (row[system], row[atom])))

    /// The chosen particles of a frame, all of which it must have.
    let internal within (selection: CenterSelection) (system: int) (frame: Frame) : Result<int[], AniSoapError> =
        let chosen = selection.Of system

        if chosen.Length > 0 && chosen[chosen.Length - 1] >= frame.Particles.Length then
            Error(
                InvalidValue(
                    "chosen centre",
                    string chosen[chosen.Length - 1],
                    "a particle of its frame, which has " + string frame.Particles.Length,
                    { Place.Unknown with Frame = Some system }
                )
            )
        else
            Ok chosen
