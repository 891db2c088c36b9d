namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open AniSoap.Formats

/// Writes frames as the JSON that chemiscope shows: structures with ellipsoids, and properties of frames and particles.
/// Shapes and properties stand behind the structures and wait beside the file at `path`. Memory does not depend on the
/// number of frames.
[<Sealed>]
type internal ChemiscopeWriter(tell: string -> unit, path: string, target: ChemiscopeTarget, stream: Stream) =
    let lost what = tell ("not written: " + what)
    let output = TextOutput stream
    let shapes = new SpillingStream(path)
    let properties = new ChemiscopeProperties(path, lost)
    let sizes = ResizeArray<int>()
    let mutable isFirstShape = true

    /// How far an environment is said to reach where no cutoff is known: what chemiscope's own package takes.
    static let usualCutoff = 3.5

    let quote = ChemiscopeTexts.quote

    /// The file's name without its ending: dots before that are part of the name.
    let nameOf (path: string) =
        let without (ending: string) (name: string) =
            if
                name.Length > ending.Length
                && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)
            then
                name.Substring(0, name.Length - ending.Length)
            else
                name

        Path.GetFileName path |> string |> without ".gz" |> without ".json"

    let targetName target =
        match target with
        | ChemiscopeTarget.Structure -> "structure"
        | ChemiscopeTarget.Atom -> "atom"

    do
        output.Text("{\"meta\": {\"name\": " + quote (nameOf path) + "},\n")
        output.Text("\"settings\": {\"target\": " + quote (targetName target) + ", ")

        output.Text
            "\"structure\": [{\"shape\": \"ellipsoids\", \"atoms\": false, \"bonds\": false, \"unitCell\": true}]},\n"

        output.Text "\"structures\": ["

    /// chemiscope takes names for chemical symbols; species beyond these are called by their number.
    let symbol species =
        match ChemicalSymbols.trySymbol species with
        | Some symbol -> symbol
        | None -> string species

    let writeArray (key: string) count (write: int -> unit) =
        output.Text(", \"" + key + "\": [")

        for i in 0 .. count - 1 do
            if i > 0 then
                output.Byte ','B

            write i

        output.Byte ']'B

    let writeCell (cell: Cell) =
        let v = cell.Vectors

        if v.Row1 <> Vector3.zero || v.Row2 <> Vector3.zero || v.Row3 <> Vector3.zero then
            let numbers = [|
                for row in [ v.Row1; v.Row2; v.Row3 ] do
                    row.X
                    row.Y
                    row.Z
            |]

            let p = cell.Periodicity
            let repeats = [| p.A; p.B; p.C |]
            writeArray "cell" 9 (fun i -> output.Number numbers[i])
            writeArray "pbc" 3 (fun i -> output.Text(if repeats[i] then "true" else "false"))

    let writeStructure (frame: Frame) =
        let particles = frame.Particles

        if sizes.Count > 0 then
            output.Byte ','B

        output.Text("\n{\"size\": " + string particles.Length)
        writeArray "names" particles.Length (fun i -> output.Text(quote (symbol particles[i].Species)))
        writeArray "x" particles.Length (fun i -> output.Number particles[i].Position.X)
        writeArray "y" particles.Length (fun i -> output.Number particles[i].Position.Y)
        writeArray "z" particles.Length (fun i -> output.Number particles[i].Position.Z)
        writeCell frame.Cell
        output.Byte '}'B
        sizes.Add particles.Length

    /// chemiscope's quaternions are x, y, z, w.
    let writeShapes (frame: Frame) =
        for particle in frame.Particles do
            shapes.Write(if isFirstShape then "\n"B else ",\n"B)
            isFirstShape <- false
            let a, q = particle.SemiAxes, particle.Orientation
            shapes.Write "{\"semiaxes\": ["B
            shapes.Number a.X
            shapes.Write ","B
            shapes.Number a.Y
            shapes.Write ","B
            shapes.Number a.Z
            shapes.Write "], \"orientation\": ["B
            shapes.Number q.X
            shapes.Write ","B
            shapes.Number q.Y
            shapes.Write ","B
            shapes.Number q.Z
            shapes.Write ","B
            shapes.Number q.W
            shapes.Write "]}"B

    /// What species are called, where their names are no symbols: a column by which the viewer can colour.
    let withNames (snapshot: Snapshot) =
        let isOther = snapshot.SpeciesNames |> Map.exists (fun species name -> symbol species <> name)

        if not isOther then
            Ok snapshot
        else
            let names =
                snapshot.Frame.Particles
                |> Seq.map (fun p ->
                    Map.tryFind p.Species snapshot.SpeciesNames
                    |> Option.defaultValue (symbol p.Species))
                |> Collections.Immutable.ImmutableArray.CreateRange

            ParticleColumn.create "species name" 1 (ColumnValues.Texts names)
            |> Result.bind (fun column ->
                let others = snapshot.Columns |> List.filter (fun other -> other.Name <> column.Name)
                Snapshot.create snapshot.Frame snapshot.SpeciesNames snapshot.Step snapshot.Info (others @ [ column ]))

    let write (snapshot: Snapshot) =
        withNames snapshot
        |> Result.map (fun snapshot ->
            writeStructure snapshot.Frame
            writeShapes snapshot.Frame
            properties.Add snapshot)

    let writeEnvironments (cutoff: float) =
        output.Text "],\n\"environments\": ["
        let mutable isFirst = true

        for structure in 0 .. sizes.Count - 1 do
            for center in 0 .. sizes[structure] - 1 do
                output.Text(if isFirst then "\n" else ",\n")
                isFirst <- false

                output.Text(
                    "{\"structure\": "
                    + string structure
                    + ", \"center\": "
                    + string center
                    + ", \"cutoff\": "
                )

                output.Number cutoff
                output.Byte '}'B

    let mutable isFirstProperty = true

    let startProperty name target isLogical =
        output.Text(if isFirstProperty then "\n" else ",\n")
        isFirstProperty <- false
        output.Text(quote name + ": {\"target\": \"" + targetName target + "\", ")

        if isLogical then
            output.Text("\"description\": " + quote ChemiscopeTexts.logical + ", ")

        output.Text "\"values\": ["

    member _.Frames = properties.Frames
    member _.Particles = properties.Particles

    /// The particles of each frame.
    member _.Sizes: IReadOnlyList<int> = sizes

    member _.Write(snapshot: Snapshot) : Result<unit, AniSoapError> = write snapshot

    /// Ends the structures and writes all else that the frames have: with environments of the particles up to a
    /// cutoff, if one is given or particles have properties. More properties may follow.
    member _.WriteProperties(cutoff: float option) =
        let complete = properties.Complete
        let isOfAtom (_, property: ChemiscopeProperty) = (property.Target = ChemiscopeTarget.Atom)

        // Without environments the viewer knows no atoms: none on the map, and none coloured by a property.
        cutoff
        |> Option.orElseWith (fun () ->
            if List.exists isOfAtom complete then
                Some usualCutoff
            else
                None)
        |> Option.iter writeEnvironments

        output.Text
            "],\n\"shapes\": {\"ellipsoids\": {\"kind\": \"ellipsoid\", \"parameters\": {\"global\": {}, \"atom\": ["

        output.Flush()
        shapes.CopyTo stream
        output.Text "]}}},\n\"properties\": {"

        for name, property in complete do
            startProperty name property.Target (property.IsLogical && not property.IsText)
            output.Flush()
            property.Values.CopyTo stream
            output.Text "]}"

    /// Writes one more property, of finite numbers.
    member _.WriteProperty(name: string, target: ChemiscopeTarget, values: ReadOnlySpan<float>) =
        startProperty name target false

        for i in 0 .. values.Length - 1 do
            if i > 0 then
                output.Byte ','B

            if Double.IsFinite values[i] then
                output.Number values[i]
            else
                output.Text "null"

        output.Text "]}"

    /// Ends the file, with another object in it where one is given as JSON.
    member _.End(more: (string * string) option) =
        output.Byte '}'B

        match more with
        | Some(name, json) -> output.Text(",\n" + quote name + ": " + json)
        | None -> ()

        output.Text "}\n"
        output.Flush()

    interface IFrameWriter with
        member writer.Write snapshot = writer.Write snapshot

        member writer.Finish() =
            writer.WriteProperties None
            writer.End None
            Ok()

    interface IDisposable with
        member _.Dispose() =
            (shapes :> IDisposable).Dispose()
            (properties :> IDisposable).Dispose()
