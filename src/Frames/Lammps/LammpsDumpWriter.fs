namespace AniSoap

open System
open System.IO

/// Writes frames as a LAMMPS dump: `id type x y z`, quaternions `quatw quati quatj quatk` (OVITO turns particles by these
/// names), full diameters `c_diameter[1..3]` (which it halves, as it should), then what else the particles have.
[<Sealed>]
type internal LammpsDumpWriter(lost: string -> unit, stream: Stream) =
    let output = TextOutput stream
    let mutable hasUnits = false

    /// The number of the frame stands for a step that is not known: no two frames of a dump have the same.
    let mutable number = 0L

    /// Names that are taken.
    static let ownNames =
        Set [
            "id"
            "type"
            "x"
            "y"
            "z"
            "c_q"
            "c_diameter"
            yield! [ "quatw"; "quati"; "quatj"; "quatk" ]
            yield! [ 1..4 ] |> List.map (fun i -> $"c_q[{string i}]")
            yield! [ 1..3 ] |> List.map (fun i -> $"c_diameter[{string i}]")
        ]

    let line (text: string) =
        output.Text text
        output.Byte '\n'B

    let isWord (text: string) =
        text <> ""
        && not (text |> Seq.exists (fun c -> Char.IsWhiteSpace c || Char.IsControl c))

    /// The names of a column's components.
    let namesOf (column: ParticleColumn) =
        let quantity = Quantities.canonical column.Name
        let isNamed (name, _) = name = quantity

        match List.tryFind isNamed LammpsColumns.vectors, List.tryFind isNamed LammpsColumns.scalars with
        | Some(_, names), _ when column.Width = 3 -> names
        | _, Some(_, name) when column.Width = 1 -> [ name ]
        | _ when column.Width = 1 -> [ column.Name ]
        | _ -> List.init column.Width (fun i -> $"{column.Name}[{string (i + 1)}]")

    let isBlank c = Char.IsWhiteSpace c || Char.IsControl c

    let columnsOf (columns: ParticleColumn list) =
        let folder (seen, kept) (column: ParticleColumn) =
            let names = namesOf column |> List.map (String.map (fun c -> if isBlank c then '_' else c))

            let words =
                match column.Values with
                | ColumnValues.Texts all -> Seq.forall isWord all
                | _ -> true

            if names |> List.exists (fun name -> Set.contains name seen) then
                lost $"not written: the column {column.Name}: a dump has this name for something else"
                seen, kept
            elif not words then
                lost $"not written: the column {column.Name}: its texts are no single words"
                seen, kept
            else
                Set.union seen (Set.ofList names), (names, column) :: kept

        // The number of the particle stands first in its row.
        columns
        |> List.filter (fun column -> Quantities.canonical column.Name <> Quantities.Ids)
        |> List.fold folder (ownNames, [])
        |> snd
        |> List.rev

    let tellLostInfo (frame: LammpsFrame) =
        let held = [ Quantities.Time; Quantities.Units; Quantities.Origin; LammpsBox.BoundaryName ]

        frame.Snapshot.Info
        |> List.map fst
        |> List.filter (fun key -> not (List.contains key held))
        |> LammpsFrame.tellLost lost "a dump" []

        if not frame.Labels.IsEmpty then
            lost "not written: names of species, which a dump has no place for"

    let writeBox (box: LammpsBox) =
        let low, high, (xy, xz, yz) = LammpsBox.toBounds box
        let isTilted = xy <> 0.0 || xz <> 0.0 || yz <> 0.0
        output.Text "ITEM: BOX BOUNDS"

        if isTilted then
            output.Text " xy xz yz"

        for word in box.Boundary do
            output.Byte ' 'B
            output.Text word

        output.Byte '\n'B

        for low, high, tilt in [ low.X, high.X, xy; low.Y, high.Y, xz; low.Z, high.Z, yz ] do
            output.Number low
            output.Field high

            if isTilted then
                output.Field tilt

            output.Byte '\n'B

    let writeHeader (frame: LammpsFrame) =
        match Snapshot.tryInfo Quantities.Units frame.Snapshot with
        | Some(InfoValue.Text units) when not hasUnits && isWord units ->
            line "ITEM: UNITS"
            line units
        | _ -> ()

        hasUnits <- true

        match Quantities.tryNumbers Quantities.Time 1 frame.Snapshot with
        | Some [ time ] ->
            line "ITEM: TIME"
            output.Number time
            output.Byte '\n'B
        | _ -> ()

        line "ITEM: TIMESTEP"
        output.Integer(frame.Snapshot.Step |> Option.defaultValue number)
        line ""
        line "ITEM: NUMBER OF ATOMS"
        output.Integer(int64 frame.Particles.Length)
        line ""
        writeBox frame.Box

    let writeRow (frame: LammpsFrame) (ids: LammpsIds) (others: ParticleColumn list) row =
        output.Integer ids[row]
        output.Field(int64 frame.Types[row])
        output.Particle(frame.Particles, row)

        for column in others do
            output.Entries(column, row, "1", "0")

        output.Byte '\n'B

    let write (frame: LammpsFrame) =
        tellLostInfo frame
        writeHeader frame
        let others = columnsOf frame.Columns

        output.Text "ITEM: ATOMS id type x y z quatw quati quatj quatk c_diameter[1] c_diameter[2] c_diameter[3]"

        for names, _ in others do
            for name in names do
                output.Byte ' 'B
                output.Text name

        output.Byte '\n'B
        let ids = LammpsIds.ofSnapshot lost frame.Snapshot
        let columns = List.map snd others

        for row in 0 .. frame.Particles.Length - 1 do
            writeRow frame ids columns row

        number <- number + 1L

    interface IFrameWriter with
        member _.Write snapshot = LammpsFrame.ofSnapshot lost snapshot |> Result.map write

        member _.Finish() =
            output.Flush()
            Ok()

    interface IDisposable with
        member _.Dispose() = ()
