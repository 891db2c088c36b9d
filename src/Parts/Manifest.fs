namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open System.Text
open System.Text.Json
open AniSoap

/// A part of a run.
type ManifestPart = {
    /// Its number, from 1.
    Number: int
    /// Its frames.
    Span: FrameSpan
    /// The particles of these.
    Particles: int64
    /// The hash of the blocks of the inputs that hold them.
    Blocks: string
    /// The name of its file, beside the manifest's output.
    File: string
}

/// An input of a run in parts.
type ManifestInput = {
    /// The file, as it was named.
    Path: string
    /// Its bytes.
    Size: int64
    /// When it was written last.
    Modified: DateTime
    /// Its frames.
    Frames: int
    /// The SHA-256 of the file.
    Hash: string
}

/// A run in parts: what makes each part the same part wherever it is computed.
type Manifest = {
    /// The program's version.
    Version: string
    /// What the run was asked for, word by word, without what says where and how fast.
    Arguments: string list
    /// What will stand in the output beside the numbers: species and hyperparameters among them.
    Metadata: Map<string, string>
    /// The output of the whole.
    Output: string
    /// The inputs, in their order.
    Inputs: ManifestInput list
    /// The parts, in their order.
    Parts: ManifestPart list
}

/// Manifests of runs in parts, as JSON.
module Manifest =
    [<Literal>]
    let private Kind = "anisoap_manifest"

    /// The ending of the output, both where one is of packing.
    let private endingOf (output: string) =
        Endings.ofFeatures
        |> Seq.filter (fun ending -> output.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        |> Seq.sortByDescending _.Length
        |> Seq.tryHead
        |> Option.defaultValue (Path.GetExtension output |> Option.ofObj |> Option.defaultValue "")

    /// What parts of a model hold.
    [<Literal>]
    let private Factors = ".factors"

    /// The name of a part's file: `features.part-3-of-8.npz` of `features.npz`, and `model.part-3-of-8.factors` of `model.json`: what has that ending is the same in all parts.
    let partFile (output: string) (part: int) (count: int) =
        let ending = endingOf output

        String.Concat(
            output.Substring(0, output.Length - ending.Length),
            ".part-" + string part + "-of-" + string count,
            (if ending.Equals(".json", StringComparison.OrdinalIgnoreCase) then
                 Factors
             else
                 output.Substring(output.Length - ending.Length))
        )

    /// The manifest of a run over these trajectories in these parts.
    let create
        (version: string)
        (arguments: string list)
        (metadata: Map<string, string>)
        (output: string)
        (index: FrameIndex)
        (spans: FrameSpan list)
        : Manifest =
        let before = FrameIndex.particlesBefore index

        {
            Version = version
            Arguments = arguments
            Metadata = metadata
            Output = output
            Inputs =
                index.Files
                |> List.map (fun file -> {
                    Path = file.Path
                    Size = file.Size
                    Modified = file.Modified
                    Frames = file.Frames
                    Hash = file.Hash
                })
            Parts =
                spans
                |> List.mapi (fun k span -> {
                    Number = k + 1
                    Span = span
                    Particles = before[span.Stop] - before[span.First]
                    Blocks = FrameIndex.hashOf span index
                    File = Path.GetFileName(partFile output (k + 1) spans.Length) |> nonNull
                })
        }

    /// The manifest as JSON: the same text for the same run.
    let toJson (manifest: Manifest) : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory, JsonWriterOptions(Indented = true, NewLine = "\n"))
         writer.WriteStartObject()
         writer.WriteNumber(Kind, 1)
         writer.WriteString("version", manifest.Version)
         writer.WriteStartArray "arguments"
         manifest.Arguments |> List.iter writer.WriteStringValue
         writer.WriteEndArray()
         writer.WriteStartObject "metadata"
         manifest.Metadata |> Map.iter (fun name text -> writer.WriteString(name, text))
         writer.WriteEndObject()
         writer.WriteString("output", manifest.Output)
         writer.WriteStartArray "inputs"

         for input in manifest.Inputs do
             writer.WriteStartObject()
             writer.WriteString("file", input.Path)
             writer.WriteNumber("size", input.Size)
             writer.WriteString("modified", input.Modified.ToString("O", Globalization.CultureInfo.InvariantCulture))
             writer.WriteNumber("frames", input.Frames)
             writer.WriteString("sha256", input.Hash)
             writer.WriteEndObject()

         writer.WriteEndArray()
         writer.WriteStartArray "parts"

         for part in manifest.Parts do
             writer.WriteStartObject()
             writer.WriteNumber("part", part.Number)
             writer.WriteNumber("first_frame", part.Span.First)
             writer.WriteNumber("frames", part.Span.Stop - part.Span.First)
             writer.WriteNumber("particles", part.Particles)
             writer.WriteString("blocks_sha256", part.Blocks)
             writer.WriteString("file", part.File)
             writer.WriteEndObject()

         writer.WriteEndArray()
         writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray()) + "\n"

    /// One hash of all that a manifest says: parts name it.
    let hash (manifest: Manifest) : string =
        toJson manifest
        |> Encoding.UTF8.GetBytes
        |> SHA256.HashData
        |> Convert.ToHexStringLower

    let private parse (json: byte[]) =
        JsonTexts.tryRead json (fun root ->
            let text (item: JsonElement) = item.GetString() |> Option.ofObj |> Option.defaultValue ""
            let named (item: JsonElement) (name: string) = text (item.GetProperty name)
            let whole (item: JsonElement) (name: string) = item.GetProperty(name).GetInt64()

            if root.GetProperty(Kind).GetInt32() <> 1 then
                None
            else
                Some {
                    Version = named root "version"
                    Arguments = [ for item in root.GetProperty("arguments").EnumerateArray() -> text item ]
                    Metadata =
                        Map [
                            for item in root.GetProperty("metadata").EnumerateObject() -> item.Name, text item.Value
                        ]
                    Output = named root "output"
                    Inputs = [
                        for item in root.GetProperty("inputs").EnumerateArray() ->
                            {
                                Path = named item "file"
                                Size = whole item "size"
                                Modified = item.GetProperty("modified").GetDateTime().ToUniversalTime()
                                Frames = int (whole item "frames")
                                Hash = named item "sha256"
                            }
                    ]
                    Parts = [
                        for item in root.GetProperty("parts").EnumerateArray() ->
                            let first = int (whole item "first_frame")

                            {
                                Number = int (whole item "part")
                                Span = { First = first; Stop = first + int (whole item "frames") }
                                Particles = whole item "particles"
                                Blocks = named item "blocks_sha256"
                                File = named item "file"
                            }
                    ]
                })

    /// Reads a manifest.
    let load (path: string) : Result<Manifest, AniSoapError> =
        Files.reading path (fun file ->
            use memory = new MemoryStream()
            file.CopyTo memory

            match parse (memory.ToArray()) with
            | Some manifest -> Ok manifest
            | None ->
                Error(
                    Malformed(
                        "no manifest",
                        "what a run with --part and --manifest writes",
                        { Place.Unknown with Source = Some path }
                    )
                ))

    /// Inputs are what their checksums say: a copy, or a file whose index was made anew, is the same.
    let private withoutTimes (manifest: Manifest) = {
        manifest with
            Inputs =
                manifest.Inputs
                |> List.map (fun input -> { input with Modified = DateTime.UnixEpoch })
    }

    /// What two manifests of one name differ in, for people.
    let private difference (one: Manifest) (other: Manifest) =
        let differs = [
            "the program's version", one.Version <> other.Version
            "the arguments", one.Arguments <> other.Arguments
            "the inputs", one.Inputs <> other.Inputs
            "the hyperparameters or species", one.Metadata <> other.Metadata
            "the output", one.Output <> other.Output
            "the parts", one.Parts <> other.Parts
        ]

        differs |> List.filter snd |> List.map fst |> String.concat ", "

    /// Writes the manifest, or sees that the one that stands there is of the same run, and gives that which stands: every part comes by here, in any
    /// order and at the same time as others. The times of inputs may differ.
    let settle (path: string) (manifest: Manifest) : Result<Manifest, AniSoapError> =
        let compare () =
            load path
            |> Result.bind (fun standing ->
                let one, other = withoutTimes standing, withoutTimes manifest

                if toJson one = toJson other then
                    Ok standing
                else
                    Error(
                        InvalidValue(
                            "manifest",
                            "another run's (it differs in " + difference one other + ")",
                            "the manifest of this run, or a name where none stands",
                            { Place.Unknown with Source = Some path }
                        )
                    ))

        if File.Exists path then
            compare ()
        else
            let written =
                AtomicFile.write Existing.Keep path (fun stream ->
                    stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes(toJson manifest)))
                    Ok())

            match written with
            | Error _ when File.Exists path -> compare ()
            | result -> result |> Result.map (fun () -> manifest)

    /// The file of a part, beside the manifest.
    let pathOf (manifestPath: string) (part: ManifestPart) : string =
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath manifestPath) |> nonNull, part.File)
