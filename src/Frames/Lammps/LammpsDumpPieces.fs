namespace AniSoap

open System
open System.Collections.Generic
open System.IO

/// A dump, or a piece of one: `dump x.%.dump` writes a file for each processor, all with the same frames and each with some
/// of the particles.
type internal DumpPiece = { Source: string; Lines: LineReader; Headers: LammpsDumpHeaders }

/// Which dumps are pieces of the same frames.
module internal LammpsDumpPieces =
    let create source lines = { Source = source; Lines = lines; Headers = LammpsDumpHeaders lines }

    /// Whether two headers are of the same moment of a run.
    let private isSameMoment (a: LammpsDumpHeader) (b: LammpsDumpHeader) =
        a.Step = b.Step && a.Box.Vectors = b.Box.Vectors && a.Box.Origin = b.Box.Origin

    /// What a piece may not differ in from the first.
    let check (first: string) (a: LammpsDumpHeader) (b: LammpsDumpHeader) : Result<unit, AniSoapError> =
        let refuse found expected = Error(Malformed(found, expected, Place.Unknown))

        if a.Step <> b.Step then
            refuse
                $"a frame of step {string b.Step}"
                ("step " + string a.Step + ", as in " + first + ", of which this is a piece")
        elif a.Columns <> b.Columns then
            refuse
                $"the columns{b.Columns}"
                ("those of " + first + " (" + a.Columns.Trim() + "), of which this is a piece")
        elif not (isSameMoment a b) then
            refuse "another box" $"that of {first}, of which this is a piece"
        else
            Ok()

    /// Something about the first frame of a file; nothing where the file cannot be read (it will say so itself later), or only
    /// once.
    let private first (path: string) (look: LineReader -> LammpsDumpHeader -> 'a option) : 'a option =
        let isFile =
            path <> "-"
            && not (path.StartsWith("/dev/", StringComparison.Ordinal))
            && (try
                    FileInfo(path).Length > 0L
                with _ ->
                    false)

        if not isFile then
            None
        else
            InputStream.guarded path (fun () ->
                InputStream.openPath path
                |> Result.bind (fun stream ->
                    use lines = new LineReader(stream)

                    (LammpsDumpHeaders lines).Next()
                    |> Result.map (function
                        | ValueSome header -> look lines header
                        | ValueNone -> None)))
            |> Result.toOption
            |> Option.flatten

    let private header path = first path (fun _ header -> Some header)

    /// The ids of the first frame, if it has any and no id twice.
    let private ids path =
        first path (fun lines header ->
            let names = RowParser.splitWords header.Columns

            match Array.tryFindIndex ((=) "id") names with
            | None -> None
            | Some field ->
                let plan = RowParser.planAt names.Length false None [ field, 0 ]
                let rows = ParticleRows()
                let found = HashSet<float>()
                let noNames = SpeciesNames Map.empty
                let mutable good = true
                let mutable row = 0

                while good && row < header.Count do
                    rows.Clear 1

                    good <-
                        lines.ReadLine()
                        && RowParser.tryRead plan noNames lines rows
                        && found.Add rows.Numbers[0]

                    row <- row + 1

                if good then Some found else None)

    /// How many of the paths, in their order, belong together: neighbours in the list whose first frames have the same step
    /// and box and no particle in common.
    let group (isDump: string -> bool) (paths: string list) : int list =
        /// The group that is being made: its size, and of its first file the header; the ids of all its files once asked for.
        let rec go sizes size (head: LammpsDumpHeader option) (known: HashSet<float> option) previous rest =
            match rest with
            | [] -> List.rev (size :: sizes)
            | path :: others ->
                let next = if isDump path then header path else None

                match head, next with
                | Some a, Some b when isSameMoment a b ->
                    match known |> Option.orElseWith (fun () -> ids previous), ids path with
                    | Some known, Some more when not (known.Overlaps more) ->
                        known.UnionWith more
                        go sizes (size + 1) head (Some known) path others
                    | _ -> go (size :: sizes) 1 next None path others
                | _ -> go (size :: sizes) 1 next None path others

        match paths with
        | [] -> []
        | [ _ ] -> [ 1 ]
        | path :: others -> go [] 1 (if isDump path then header path else None) None path others
