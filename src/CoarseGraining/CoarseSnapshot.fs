namespace AniSoap

open System.Runtime.InteropServices
open System.Text

/// Coarse-grained frames as snapshots that any format is written from.
module CoarseSnapshot =
    /// Ellipsoids alone, with their own shape.
    let plain = { WithAtoms = false; AllShapes = false }

    let private immutable (all: 'a[]) = ImmutableCollectionsMarshal.AsImmutableArray all

    /// Whether the info is dropped, and told so.
    let lostInfo (snapshot: Snapshot) = snapshot.Info |> List.map fst |> List.filter CoarseGrain.isOfAtoms

    /// The ellipsoids of a frame, then its spheres, with their columns; `atoms` is the snapshot that the frame is of.
    let ofFrame
        (options: CoarseGrainOptions)
        (output: CoarseOutput)
        (atoms: Snapshot)
        (coarse: CoarseFrame)
        : Result<Snapshot, AniSoapError> =
        let rows =
            CoarseRows(
                options,
                output,
                atoms,
                coarse.Kinds,
                coarse.Atoms,
                coarse.Spheres,
                coarse.Bodies.Length,
                MemberTexts()
            )

        let text = StringBuilder()

        for i in 0 .. coarse.Bodies.Length - 1 do
            rows.Set(text, i, coarse.Bodies[i])

        rows.Finish()

    /// The atoms of a frame with molecule numbers, and image flags that make their molecules whole.
    let wholeAtoms (atoms: Snapshot) (coarse: CoarseFrame) : Result<Snapshot, AniSoapError> =
        let images = PeriodicImages atoms.Frame.Cell
        let count = atoms.Frame.Particles.Length
        let flags = Array.zeroCreate<int64>(3 * count)
        let numbers = Array.zeroCreate<int64> count
        let given = Quantities.tryIntegers Quantities.Images 3 atoms

        match given with
        | Some all -> all.CopyTo flags
        | None -> ()

        for i in 0 .. coarse.Bodies.Length - 1 do
            let body = coarse.Bodies[i]
            let first = atoms.Frame.Particles.PositionOf(body.Atoms[0])

            let struct (a, b, c) = body.FlaggedImage |> ValueOption.defaultValue (struct (0, 0, 0))

            for k in 0 .. body.Atoms.Length - 1 do
                let atom = body.Atoms[k]
                numbers[atom] <- if body.Molecule <> 0L then body.Molecule else int64 (i + 1)
                let whole = first + (body.Positions[k] - body.Positions[0])
                let shift = images.ShiftBetween(atoms.Frame.Particles.PositionOf(atom), whole)
                flags[3 * atom] <- int64 (a + shift.Na)
                flags[3 * atom + 1] <- int64 (b + shift.Nb)
                flags[3 * atom + 2] <- int64 (c + shift.Nc)

        let others =
            atoms.Columns
            |> List.filter (fun column ->
                let name = Quantities.canonical column.Name
                name <> Quantities.Images && name <> Quantities.Molecules)

        match
            ParticleColumn.create Quantities.Molecules 1 (ColumnValues.Integers(immutable numbers)),
            ParticleColumn.create Quantities.Images 3 (ColumnValues.Integers(immutable flags))
        with
        | Ok molecules, Ok flags ->
            Snapshot.create atoms.Frame atoms.SpeciesNames atoms.Step atoms.Info (others @ [ molecules; flags ])
        | Error error, _
        | _, Error error -> Error error
