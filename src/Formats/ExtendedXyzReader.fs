namespace AniSoap.Formats

open System
open AniSoap

/// How the rows of a frame are read: worked out once and kept for as long as the Properties stay the same.
[<NoComparison>]
type private RowReading = {
    Layout: ParticleLayout
    Plan: RowParser.RowPlan
    SpeciesPlan: RowParser.RowPlan
    FieldNames: string list
}

/// Frames of extended XYZ, each with only the columns that a frame needs. Memory depends on the largest frame.
[<Sealed>]
type internal ExtendedXyzReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    /// Columns that may hold the species, in order of preference.
    static let speciesNames = [ "species"; "Z"; "numbers"; "element"; "type" ]

    let names = SpeciesNames options.TypeMap
    let rows = ParticleRows()

    let mutable properties = Word ""
    let mutable reading = None
    let mutable cellTexts = struct (Word "", Word "")
    let mutable cell = Cell.none

    let place frame = { Source = Some source; Line = Some lines.Number; Frame = Some frame; Particle = None }
    let locate frame error = AniSoapError.at (place frame) error

    /// The particle count of the next frame, −1 at the end of the file.
    let readCount frame =
        let mutable found = lines.ReadLine()

        while found && lines.IsBlank do
            found <- lines.ReadLine()

        if not found then
            Ok -1
        else
            let text = lines.Text.Trim()

            match Int32.TryParse(text, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture) with
            | true, count -> Ok count
            | false, _ ->
                let shown =
                    if text.Length > 60 then
                        text.Substring(0, 60) + "…"
                    else
                        text

                Error(Malformed($"'{shown}'", "the number of particles of the next frame", place frame))

    let readComment frame =
        if lines.ReadLine() then
            Ok lines.Text
        else
            Error(
                Malformed("the end of the file", "a comment line", { place frame with Line = Some(lines.Number + 1L) })
            )

    let endOfFile frame particle count =
        let place = { place frame with Line = Some(lines.Number + 1L); Particle = Some particle }
        Error(Malformed($"the end of the file after {particle} of {count} particles", "a row for each particle", place))

    let understand columns isExtended =
        ParticleLayout.create options warn speciesNames columns
        |> Result.map (fun layout ->
            let fieldCount = columns |> List.sumBy _.Width

            {
                Layout = layout
                Plan = RowParser.plan layout fieldCount (not isExtended)
                SpeciesPlan = RowParser.speciesPlan layout fieldCount
                FieldNames = ExtendedXyzHeader.fieldNames columns
            })

    let readingOf texts =
        match reading with
        | Some known when properties = texts.Properties -> Ok known
        | _ ->
            ExtendedXyzHeader.columns texts.Properties
            |> Result.bind (fun columns -> understand columns (texts.Properties <> NoValue))
            |> Result.map (fun result ->
                properties <- texts.Properties
                reading <- Some result
                result)

    let cellOf texts =
        if cellTexts = struct (texts.Lattice, texts.Periodicity) then
            Ok cell
        else
            ExtendedXyzHeader.cell texts
            |> Result.map (fun result ->
                cellTexts <- struct (texts.Lattice, texts.Periodicity)
                cell <- result
                result)

    /// The rows of a frame by a plan, −1 or the index of the row that does not follow it or is not there.
    let readRows (plan: RowParser.RowPlan) stride count =
        rows.Clear stride
        let mutable good = true

        while good && rows.Count < count do
            good <- lines.ReadLine() && RowParser.tryRead plan names lines rows

        good

    let rowError frame plan fieldNames lineBefore count =
        if lines.Number = lineBefore + int64 rows.Count then
            endOfFile frame rows.Count count
        else
            RowParser.explain plan names lines fieldNames
            |> AniSoapError.at { place frame with Particle = Some rows.Count }
            |> Error

    let readBody frame count comment =
        let texts = ExtendedXyzHeader.texts comment
        let commentLine = lines.Number

        match readingOf texts with
        | Error error -> Error(locate frame error)
        | Ok reading ->
            match cellOf texts with
            | Error error -> Error(locate frame error)
            | Ok cell ->
                if readRows reading.Plan reading.Layout.Stride count then
                    ParticleRows.toFrame options warn reading.Layout rows cell (fun i ->
                        Some(commentLine + 1L + int64 i))
                    |> Result.mapError (AniSoapError.at { place frame with Line = Some commentLine })
                    |> Result.map ValueSome
                else
                    rowError frame reading.Plan reading.FieldNames commentLine count

    let readSpeciesOf frame count comment (found: Collections.Generic.HashSet<int>) =
        let commentLine = lines.Number

        match readingOf (ExtendedXyzHeader.texts comment) with
        | Error error -> Error(locate frame error)
        | Ok reading ->
            if readRows reading.SpeciesPlan 0 count then
                for i in 0 .. rows.Count - 1 do
                    found.Add rows.Species[i] |> ignore

                Ok true
            else
                rowError frame reading.SpeciesPlan reading.FieldNames commentLine count

    let skipRows frame count =
        let mutable row = 0

        while row < count && lines.ReadLine() do
            row <- row + 1

        if row = count then Ok true else endOfFile frame row count

    /// The count and the comment line of the next frame handed to `body`; `atEnd` at the end of the file.
    let next frame atEnd body =
        FrameReader.guarded source (fun () ->
            match readCount frame with
            | Error error -> Error error
            | Ok -1 -> Ok atEnd
            | Ok count -> readComment frame |> Result.bind (body count))

    interface IFrameReader with
        member _.Read frame = next frame ValueNone (readBody frame)

        member _.ReadSpecies(frame, found) =
            next frame false (fun count comment -> readSpeciesOf frame count comment found)

        member _.Skip frame = next frame false (fun count _ -> skipRows frame count)

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
