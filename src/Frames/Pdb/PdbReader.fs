namespace AniSoap

open System
open System.Collections.Generic
open AniSoap.Formats

/// Frames of a PDB file: its models, or all atoms up to END where it has none. Lengths are in Ångström.
[<Sealed>]
type internal PdbReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    let rows = ParticleRows()
    let records = List<PdbRecord>()
    let guesses = SortedDictionary<string, int>(StringComparer.Ordinal)
    let mutable isGuessTold = false
    let mutable cell: Cell voption = ValueNone
    let mutable hasNoCellRecord = true

    let byAlignment (name: string) (species: int) = guesses[name] <- species

    let tellGuesses () =
        if guesses.Count > 0 && not isGuessTold then
            isGuessTold <- true

            let map =
                guesses
                |> Seq.map (fun pair ->
                    pair.Key
                    + " = "
                    + (ChemicalSymbols.trySymbol pair.Value |> Option.defaultValue "?"))
                |> Seq.truncate 30
                |> String.concat ", "

            warn
                $"{source}: the column of elements (77 and 78) is empty for some atoms; their elements are told by where their names stand: {map} (--type-map NAME=NUMBER says otherwise)"

    let tellAlternates count =
        if count > 0 then
            warn
                $"{Warnings.Here}: {string count} atoms at alternate locations are left out; of each atom the location of the highest occupancy is taken, of equal ones the first"

    let last () =
        if records.Count = 0 then
            ValueNone
        else
            ValueSome records[records.Count - 1].Atom

    /// Reads up to the end of a frame; false where nothing but the end of the file came.
    let readRecords () : Result<bool, AniSoapError> =
        records.Clear()
        let mutable failure = ValueNone
        let mutable ended = false
        let mutable isModel = false
        let mutable piece = 0

        while failure.IsNone && not ended && lines.ReadLine() do
            let text = lines.Text
            let kind = FixedColumns.field text 1 6

            match kind with
            | "ATOM"
            | "HETATM" ->
                match PdbAtoms.record options.TypeMap byAlignment piece (last ()) lines.Number text with
                | Ok record -> records.Add record
                | Error error ->
                    failure <- ValueSome(AniSoapError.at { Place.Unknown with Particle = Some records.Count } error)
            | "CRYST1" ->
                hasNoCellRecord <- false

                match PdbAtoms.cell text with
                | Ok found -> cell <- found
                | Error error -> failure <- ValueSome error
            | "TER" -> piece <- piece + 1
            | "MODEL" -> isModel <- true
            | "ENDMDL" -> ended <- true
            | "END" -> ended <- records.Count > 0
            | _ -> ()

        match failure with
        | ValueSome error -> Error error
        | ValueNone when not ended && isModel ->
            Error(Malformed("the end of the file within a model", "ENDMDL", Place.Unknown))
        | ValueNone -> Ok(records.Count > 0 || (ended && isModel))

    let next frame atEnd body =
        InputStream.guarded source (fun () ->
            readRecords () |> Result.bind (fun there -> if there then body () else Ok atEnd))
        |> FixedColumns.placed source lines frame

    let frameCell () =
        match cell, options.Periodicity with
        | ValueNone, _ -> Ok Cell.none
        | ValueSome cell, None -> Ok cell
        | ValueSome cell, Some periodicity ->
            let v = cell.Vectors
            Cell.create v.Row1 v.Row2 v.Row3 periodicity

    let read () =
        let struct (atoms, dropped) = PdbAtoms.withoutAlternates records
        tellAlternates dropped
        tellGuesses ()

        frameCell ()
        |> Result.bind (fun cell -> FixedColumns.frame options warn rows cell atoms)
        |> Result.map (fun frame -> struct (frame, atoms))

    interface IFrameReader with
        member _.Read frame =
            next frame ValueNone (fun () -> read () |> Result.map (fun struct (frame, _) -> ValueSome frame))

        member _.ReadSnapshot frame =
            next frame ValueNone (fun () ->
                read ()
                |> Result.bind (fun struct (frame, atoms) -> FixedColumns.snapshot true frame None [] atoms)
                |> Result.map ValueSome)

        member _.ReadSpecies(frame, found) =
            next frame false (fun () ->
                for record in records do
                    found.Add record.Atom.Species |> ignore

                Ok true)

        member _.Skip frame = next frame false (fun () -> Ok true)

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
