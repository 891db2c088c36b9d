namespace AniSoap.Formats

open System
open System.IO
open System.Text
open System.Text.Json
open AniSoap

/// What a file of features says about its making.
type RunMetadata = {
    /// Which features: the program's word for it (`power-spectrum`, `expansion`).
    Verb: string
    /// The files that the frames are of.
    Inputs: string list
    /// The species of the run, ascending.
    Species: int list
    /// The hyperparameters.
    Hypers: Hypers
    /// What the orientation columns hold, where that was said.
    RotationType: string option
    /// What they are called, where that was said.
    RotationKey: string option
}

/// What a file of features says about its making, as texts by name. Lists and objects are JSON texts; formats whose
/// metadata are JSON carry them as such.
module RunMetadata =
    [<Literal>]
    let internal Hyperparameters = "hypers"

    [<Literal>]
    let internal SpeciesList = "species"

    [<Literal>]
    let internal InputList = "inputs"

    [<Literal>]
    let internal Version = "version"

    let private version =
        match typeof<Hypers>.Assembly.GetName().Version with
        | null -> "0.0.0"
        | version -> version.ToString 3

    let private list (write: Utf8JsonWriter -> 'a -> unit) (items: 'a seq) =
        SavedHypers.json (fun writer ->
            writer.WriteStartArray()
            items |> Seq.iter (write writer)
            writer.WriteEndArray())

    let internal texts (items: string seq) = list (fun writer (item: string) -> writer.WriteStringValue item) items

    /// The texts, for the metadata of a file.
    let toMap (run: RunMetadata) : Map<string, string> =
        Map [
            "program", "anisoap"
            Version, version
            "verb", run.Verb
            InputList, texts run.Inputs
            SpeciesList, list (fun writer (item: int) -> writer.WriteNumberValue item) run.Species
            Hyperparameters, SavedHypers.toJson run.RotationType run.RotationKey run.Hypers
        ]

    let private absent source =
        let known = String.concat ", " Endings.withHypers

        Error(
            Malformed(
                "no hyperparameters",
                "a JSON file of them, or a file of features ("
                + known
                + ") that was written with them",
                { Place.Unknown with Source = Some source }
            )
        )

    /// Hyperparameters and species out of a file's metadata; `source` is its name in errors.
    let hypers (source: string) (metadata: Map<string, string>) : Result<SavedHypers, AniSoapError> =
        match metadata.TryFind Hyperparameters, metadata.TryFind SpeciesList |> Option.bind JsonTexts.tryWholes with
        | Some hypers, Some species ->
            SavedHypers.ofJson source (Encoding.UTF8.GetBytes hypers)
            |> Result.map (fun saved -> { saved with Species = Some(List.sort species) })
        | _ -> absent source

/// Hyperparameters out of files of every kind.
module HypersFile =
    [<Literal>]
    let private LargestJson = 1048576

    let private expected = "expected: a JSON file of hyperparameters or an earlier output"
    let private besideTable = "-metadata.json"

    let private readJson path =
        Files.reading path (fun file ->
            // A pipe has no length, and a device no end.
            let bytes = Array.zeroCreate<byte>(LargestJson + 1)
            let length = file.ReadAtLeast(Span bytes, bytes.Length, false)

            if length > LargestJson then
                Error(
                    Inaccessible(
                        path,
                        "is larger than "
                        + string LargestJson
                        + " bytes; expected: hyperparameters as JSON"
                    )
                )
            else
                SavedHypers.ofJson path (Array.sub bytes 0 length))

    /// What a file says of hyperparameters: a JSON file of them, or any file of features that was written with them.
    let rec read (path: string) : Result<SavedHypers, AniSoapError> =
        if Directory.Exists path then
            Error(Inaccessible(path, "is a folder; " + expected))
        elif not (File.Exists path) then
            Error(Inaccessible(path, "does not exist; " + expected))
        // What stands beside a table is read with it, to see that it is its own.
        elif path.EndsWith(".csv" + besideTable, StringComparison.OrdinalIgnoreCase) then
            read (path.Substring(0, path.Length - besideTable.Length))
        elif (Endings.tryFeatures path).IsSome then
            FeatureFile.readMetadata path |> Result.bind (RunMetadata.hypers path)
        else
            readJson path
