namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Text
open System.Text.Json
open AniSoap

/// Numbers of frames that stand beside their features: what a model is to learn. In a file they are the entry `targets` of its metadata, a
/// JSON object with the lists `frames` (the numbers that the rows have as `frame`) and `particles` (how many each has), and in `values` a list
/// of numbers by name, one a frame.
[<ReferenceEquality>]
type FrameTargets = {
    /// The numbers of the frames.
    Frames: ImmutableArray<int>
    /// How many particles each has.
    Particles: ImmutableArray<int>
    /// The numbers of each frame, by name.
    Values: (string * ImmutableArray<float>) list
}

/// Numbers of frames beside their features.
module FrameTargets =
    /// The entry's name.
    [<Literal>]
    let Entry = "targets"

    let private refuse parameter (value: string) accepted = Error(AniSoapError.invalid parameter value accepted)

    /// The numbers that a snapshot has one of, for refusals.
    let private known (snapshot: Snapshot) =
        match
            [
                for name, value in snapshot.Info do
                    match value with
                    | InfoValue.Real _
                    | InfoValue.Integer _ -> name
                    | _ -> ()
            ]
        with
        | [] -> "the frame has no number"
        | names -> "the frame has " + String.Join(", ", names)

    /// What numbered snapshots say under these names. Refuses a frame without one of the numbers, or where it is not finite, and no names.
    let ofSnapshots
        (names: string list)
        (snapshots: seq<Result<struct (int * Snapshot), AniSoapError>>)
        : Result<FrameTargets, AniSoapError> =
        let frames, particles = ImmutableArray.CreateBuilder<int>(), ImmutableArray.CreateBuilder<int>()
        let values = names |> List.map (fun _ -> ImmutableArray.CreateBuilder<float>())

        let add (struct (number: int, snapshot: Snapshot)) =
            frames.Add number
            particles.Add snapshot.Frame.Particles.Length

            List.zip names values
            |> Result.check (fun (name, builder) ->
                match Quantities.tryNumbers name 1 snapshot with
                | Some [ value ] when Double.IsFinite value ->
                    builder.Add value
                    Ok()
                | Some _ -> refuse name "a number that is not finite" "finite numbers"
                | None -> refuse name "nothing" ("a number that every frame has (" + known snapshot + ")"))
            |> Result.mapError (AniSoapError.at { Place.Unknown with Frame = Some number })

        if names.IsEmpty then
            refuse "names of targets" "none" "at least one"
        elif (List.distinct names).Length < names.Length then
            refuse "names of targets" (String.Join(", ", names)) "each name once"
        else
            snapshots
            |> Result.check (fun read -> read |> Result.bind add)
            |> Result.map (fun () -> {
                Frames = frames.ToImmutable()
                Particles = particles.ToImmutable()
                Values = List.zip names (values |> List.map _.ToImmutable())
            })

    /// The entry of the metadata.
    let toJson (targets: FrameTargets) : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory)

         let wholes (name: string) (values: int seq) =
             writer.WriteStartArray name

             for value in values do
                 writer.WriteNumberValue value

             writer.WriteEndArray()

         writer.WriteStartObject()
         wholes "frames" targets.Frames
         wholes "particles" targets.Particles
         writer.WriteStartObject "values"

         for name, values in targets.Values do
             writer.WriteStartArray name

             for value in values do
                 writer.WriteNumberValue value

             writer.WriteEndArray()

         writer.WriteEndObject()
         writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray())

    let private malformed found =
        Error(
            Malformed(found, "targets as JSON: frames, particles, and in values as many numbers by name", Place.Unknown)
        )

    let private ofJson (text: string) : Result<FrameTargets, AniSoapError> =
        try
            use document = JsonDocument.Parse text
            let root = document.RootElement

            let wholes (name: string) =
                ImmutableArray.CreateRange(seq { for one in root.GetProperty(name).EnumerateArray() -> one.GetInt32() })

            let targets = {
                Frames = wholes "frames"
                Particles = wholes "particles"
                Values = [
                    for entry in root.GetProperty("values").EnumerateObject() ->
                        entry.Name,
                        ImmutableArray.CreateRange(seq { for one in entry.Value.EnumerateArray() -> one.GetDouble() })
                ]
            }

            let count = targets.Frames.Length

            if
                targets.Particles.Length <> count
                || targets.Values |> List.exists (fun (_, values) -> values.Length <> count)
            then
                malformed "lists of different lengths"
            elif (Seq.distinct targets.Frames |> Seq.length) <> count then
                malformed "a frame twice"
            else
                Ok targets
        with
        | :? JsonException as failure -> malformed failure.Message
        | :? KeyNotFoundException
        | :? InvalidOperationException
        | :? FormatException as failure -> malformed failure.Message

    /// What a file's metadata hold of targets, if they do.
    let ofMetadata (metadata: Map<string, string>) : Result<FrameTargets option, AniSoapError> =
        match metadata.TryFind Entry with
        | None -> Ok None
        | Some text -> ofJson text |> Result.map Some

    /// The metadata with these targets.
    let addTo (metadata: Map<string, string>) (targets: FrameTargets) : Map<string, string> =
        metadata.Add(Entry, toJson targets)

    /// Those of parts of one, each with what is added to the numbers of its frames. Refuses parts of other names.
    let internal join (parts: (int * FrameTargets) list) : Result<FrameTargets, AniSoapError> =
        let names (targets: FrameTargets) = targets.Values |> List.map fst
        let first = parts |> List.head |> snd |> names

        match parts |> List.tryFind (fun (_, targets) -> names targets <> first) with
        | Some(_, other) ->
            refuse Entry (String.Join(", ", names other)) (String.Join(", ", first) + ", as in the first")
        | None ->
            Ok {
                Frames =
                    ImmutableArray.CreateRange(
                        parts
                        |> Seq.collect (fun (shift, targets) -> targets.Frames |> Seq.map (fun frame -> frame + shift))
                    )
                Particles = ImmutableArray.CreateRange(parts |> Seq.collect (fun (_, targets) -> targets.Particles))
                Values = [
                    for name in first ->
                        name,
                        ImmutableArray.CreateRange(
                            parts
                            |> Seq.collect (fun (_, targets) ->
                                targets.Values |> List.find (fun (known, _) -> known = name) |> snd)
                        )
                ]
            }
