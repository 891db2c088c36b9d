namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open System.Text
open System.Text.Json
open AniSoap

/// What a part says of itself once it is computed: it stands beside the part's file, and is written after it.
type PartRecord = {
    /// The hash of the manifest that it was computed for.
    Manifest: string
    /// The part's number.
    Part: int
    /// The bytes of its file.
    Size: int64
    /// The SHA-256 of its file.
    Hash: string
    /// The hash of the blocks of the inputs that were read.
    Blocks: string
    /// How long it took.
    Seconds: float
}

/// What became of a part.
[<RequireQualifiedAccess>]
type PartState =
    /// It is computed, and fits the manifest.
    | Done of PartRecord
    /// Nothing of it is there.
    | Missing
    /// What is there is not, or no longer, that of this manifest: why.
    | Unfit of string

/// Records of parts.
module PartRecord =
    [<Literal>]
    let private Kind = "anisoap_part"

    /// Where the record of a part's file stands.
    let pathOf (file: string) = file + ".part.json"

    let private hashOf (path: string) =
        use file =
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite ||| FileShare.Delete, 1)

        let hash = SHA256.HashData file
        struct (file.Length, Convert.ToHexStringLower hash)

    let private toJson (record: PartRecord) =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory, JsonWriterOptions(Indented = true, NewLine = "\n"))
         writer.WriteStartObject()
         writer.WriteNumber(Kind, 1)
         writer.WriteString("manifest_sha256", record.Manifest)
         writer.WriteNumber("part", record.Part)
         writer.WriteNumber("size", record.Size)
         writer.WriteString("sha256", record.Hash)
         writer.WriteString("blocks_sha256", record.Blocks)
         writer.WriteNumber("seconds", record.Seconds)
         writer.WriteEndObject())

        memory.ToArray()

    let private parse (json: byte[]) =
        JsonTexts.tryRead json (fun root ->
            let text (name: string) = root.GetProperty(name).GetString() |> Option.ofObj |> Option.defaultValue ""

            if root.GetProperty(Kind).GetInt32() <> 1 then
                None
            else
                Some {
                    Manifest = text "manifest_sha256"
                    Part = root.GetProperty("part").GetInt32()
                    Size = root.GetProperty("size").GetInt64()
                    Hash = text "sha256"
                    Blocks = text "blocks_sha256"
                    Seconds = root.GetProperty("seconds").GetDouble()
                })

    /// Says of a part's file, which is complete, what it is.
    let write (manifest: Manifest) (part: ManifestPart) (file: string) (seconds: float) : Result<unit, AniSoapError> =
        Files.guard file (fun () ->
            let struct (size, hash) = hashOf file

            let record = {
                Manifest = Manifest.hash manifest
                Part = part.Number
                Size = size
                Hash = hash
                // Reading ends with an error where bytes are not those of the index.
                Blocks = part.Blocks
                Seconds = seconds
            }

            AtomicFile.write Existing.Replace (pathOf file) (fun stream ->
                stream.Write(ReadOnlySpan(toJson record))
                Ok()))

    /// Whether a part of the manifest stands at its place, all bytes of it.
    let check (manifest: Manifest) (part: ManifestPart) (file: string) : PartState =
        let place = pathOf file

        try
            if not (File.Exists place) then
                if File.Exists file then
                    PartState.Unfit "it has no record: it was not finished, or is no part"
                else
                    PartState.Missing
            else
                match parse (File.ReadAllBytes place) with
                | None -> PartState.Unfit "its record is damaged"
                | Some record when record.Manifest <> Manifest.hash manifest || record.Part <> part.Number ->
                    PartState.Unfit "it is of another run: its record names another manifest or part"
                | Some record when record.Blocks <> part.Blocks -> PartState.Unfit "it was computed from other inputs"
                | Some _ when not (File.Exists file) -> PartState.Missing
                | Some record ->
                    let struct (size, hash) = hashOf file

                    if size <> record.Size || hash <> record.Hash then
                        PartState.Unfit "its bytes are not those that it was finished with"
                    else
                        PartState.Done record
        with
        | :? IOException as failure -> PartState.Unfit(SystemReason.ofFile failure)
        | :? UnauthorizedAccessException as failure -> PartState.Unfit(SystemReason.ofFile failure)
