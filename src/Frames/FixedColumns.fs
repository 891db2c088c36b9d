namespace AniSoap

open System.Collections.Generic
open System.Collections.Immutable

/// Atoms of a frame as files with fixed columns have them, one by one.
[<NoEquality; NoComparison>]
type internal FixedAtom = {
    Species: int
    Element: string
    Name: string
    Residue: string
    Chain: string
    Id: int64
    ResidueNumber: int64
    Position: Vector3
    /// Empty where the format has none.
    Others: (string * float)[]
    Velocity: Vector3 voption
    Line: int64
}

/// From such atoms to frames and snapshots.
module internal FixedColumns =
    /// The text of columns from … to, counted from 1, without blanks around; what the line is too short for is empty.
    let field (text: string) first last =
        if text.Length < first then
            ""
        else
            text.Substring(first - 1, min last text.Length - first + 1).Trim()

    /// The result of the next frame, an error in it with the place where the lines are.
    let placed (source: string) (lines: LineReader) frame result =
        result
        |> Result.mapError (
            AniSoapError.at {
                Source = Some source
                Line = Some(max 1L lines.Number)
                Frame = Some frame
                Particle = None
            }
        )

    let private layout = {
        Species = Some 0
        Position = [| 0; 1; 2 |]
        Orientation = [||]
        Shape = [||]
        ShapeFactor = 1.0
        Taken = Set.empty
        Notes = LayoutNotes.none
    }

    let frame (options: InputOptions) warn (rows: ParticleRows) (cell: Cell) (atoms: List<FixedAtom>) =
        rows.Clear 3

        for atom in atoms do
            rows.Reserve()
            let at = rows.Count * 3
            rows.Species[rows.Count] <- atom.Species
            rows.Numbers[at] <- atom.Position.X
            rows.Numbers[at + 1] <- atom.Position.Y
            rows.Numbers[at + 2] <- atom.Position.Z
            rows.Add()

        ParticleRows.toFrame options warn layout rows cell (fun i -> Some atoms[i].Line)

    let private texts (atoms: List<FixedAtom>) (value: FixedAtom -> string) =
        // A blank is no word.
        ColumnValues.Texts(
            atoms
            |> Seq.map (fun atom -> if value atom = "" then "-" else value atom)
            |> ImmutableArray.CreateRange
        )

    let private integers (atoms: List<FixedAtom>) (value: FixedAtom -> int64) =
        ColumnValues.Integers(atoms |> Seq.map value |> ImmutableArray.CreateRange)

    /// All that is known of the atoms, as columns; chains where the format has them.
    let private columns hasChains (atoms: List<FixedAtom>) = [
        ParticleColumn.create Quantities.Ids 1 (integers atoms _.Id)
        ParticleColumn.create "name" 1 (texts atoms _.Name)
        ParticleColumn.create "resname" 1 (texts atoms _.Residue)
        ParticleColumn.create "residue" 1 (integers atoms _.ResidueNumber)
        if hasChains then
            ParticleColumn.create "chain" 1 (texts atoms _.Chain)

        if atoms.Count > 0 then
            for k in 0 .. atoms[0].Others.Length - 1 do
                let values = atoms |> Seq.map (fun atom -> snd atom.Others[k]) |> ImmutableArray.CreateRange
                ParticleColumn.create (fst atoms[0].Others[k]) 1 (ColumnValues.Reals values)

        if atoms.Count > 0 && atoms |> Seq.forall _.Velocity.IsSome then
            let values =
                atoms
                |> Seq.collect (fun atom ->
                    let v = atom.Velocity.Value
                    [ v.X; v.Y; v.Z ])

            ParticleColumn.create Quantities.Velocities 3 (ColumnValues.Reals(ImmutableArray.CreateRange values))
    ]

    let snapshot hasChains frame step info (atoms: List<FixedAtom>) =
        let names =
            atoms
            |> Seq.filter (fun atom -> atom.Element <> "")
            |> Seq.distinctBy _.Species
            |> Seq.map (fun atom -> atom.Species, atom.Element)
            |> Map.ofSeq

        columns hasChains atoms
        |> Result.traverse id
        |> Result.bind (fun columns -> Snapshot.create frame names step info (List.ofArray columns))
