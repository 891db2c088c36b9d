namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// Reads what `Hdf5Writing` writes. Whatever is declared in the file is compared with its length first.
module internal Hdf5Reading =
    /// A group or dataset of a file, and its name.
    type private Node = { Name: string; Object: Hdf5Object }

    let private at (group: Node) (name: string) = if group.Name = "" then name else group.Name + "/" + name

    let private refuse found expected = Error(Malformed(found, expected, Place.Unknown))

    let private child (group: Node) (name: string) : Node option =
        group.Object.Links
        |> List.tryFind (fun (link, _) -> link = name)
        |> Option.map (fun (_, found) -> { Name = at group name; Object = found })

    let private dataset (group: Node) (name: string) : Result<Hdf5Data, AniSoapError> =
        match child group name with
        | None ->
            Error(
                Missing(
                    $"dataset {at group name}",
                    "the file holds no features as this program writes them",
                    Place.Unknown
                )
            )
        | Some { Object = { Data = Some data } } -> Ok data
        | Some _ -> refuse $"{at group name} that is no dataset" "a dataset"

    /// The lengths of a dataset's axes, once the file can hold it and its filters are known.
    let private size (fileLength: int64) name (data: Hdf5Data) =
        match Hdf5Filters.unknown data.Filters with
        | Some filter ->
            refuse
                ("dataset " + name + " packed by the filter " + string filter)
                "the filters deflate (gzip), shuffle, Fletcher-32 and lzf"
        | None ->
            Foreign.elements fileLength data.Size data.Shape
            |> Result.bind (fun _ ->
                let chunk =
                    match data.Storage with
                    | Hdf5Storage.Boxes(lengths, _, _) ->
                        Foreign.elements fileLength data.Size (Seq.map uint64 lengths)
                    | _ -> Ok 0

                chunk |> Result.map (fun _ -> data.Shape |> List.map int))
            |> Result.mapError (fun error ->
                match error with
                | Malformed(found, expected, place) -> Malformed(string found + " in dataset " + name, expected, place)
                | other -> other)

    /// The texts of an attribute, and that they are those which its checksum was taken of, where it has one: texts stand in
    /// a part of the file that HDF5 keeps no checksum of.
    let private texts (owner: Hdf5Object) name : Result<string list option, AniSoapError> =
        match Map.tryFind name owner.Attributes, Map.tryFind (Hdf5Writing.sumOf name) owner.Attributes with
        | None, _ -> Ok None
        | Some(Hdf5Attribute.Texts texts), Some(Hdf5Attribute.Whole sum) when sum <> int64 (Hdf5Writing.textSum texts) ->
            refuse $"the texts of attribute {name} with another checksum" "an intact HDF5 file"
        | Some(Hdf5Attribute.Texts texts), _ -> Ok(Some texts)
        | Some _, _ -> refuse $"attribute {name} that is no text" "texts"

    let private names (owner: Node) : Result<string list, AniSoapError> =
        texts owner.Object "names"
        |> Result.bind (fun found ->
            match found with
            | Some names -> Ok names
            | None -> Error(Missing($"""attribute {at owner "names"}""", "labels need their names", Place.Unknown)))

    let private inDataset name (read: unit -> Result<'a, AniSoapError>) =
        try
            read ()
        with :? InvalidDataException as e ->
            refuse (e.Message + " in dataset " + name) "an intact HDF5 file"

    let private labels (stream: Stream) (group: Node) name : Result<Labels, AniSoapError> =
        let full = at group name

        let place error =
            match error with
            | InvalidValue(parameter, value, accepted, place) when not (parameter.Contains full) ->
                InvalidValue($"{parameter} of dataset {full}", value, accepted, place)
            | other -> other

        dataset group name
        |> Result.bind (fun data ->
            size stream.Length full data
            |> Result.bind (fun shape ->
                names (child group name).Value
                |> Result.bind (fun names ->
                    let accepted = "integers of 1, 2, 4 or 8 bytes"

                    match shape, data.Type with
                    | [ _; width ], _ when width <> names.Length ->
                        refuse $"{string full} of another shape" $"a column for each of {string names.Length} names"
                    | [ _; _ ], Error what -> refuse $"{full} of {what}" accepted
                    | [ _; _ ], Ok(struct (scalarType, isBig)) ->
                        match scalarType with
                        | ScalarType.Float16
                        | ScalarType.Float32
                        | ScalarType.Float64 ->
                            refuse $"{full} of {string data.Size}-byte floating-point numbers" accepted
                        | _ ->
                            inDataset full (fun () ->
                                Hdf5Elements.integers full stream data scalarType isBig shape
                                |> Result.bind (Labels.ofOwned names))
                    | _ ->
                        refuse $"{string full} of another shape" $"a column for each of {string names.Length} names")))
        |> Result.mapError place

    /// Numbers as doubles, and what they were.
    let private numbers (stream: Stream) (group: Node) name =
        dataset group name
        |> Result.bind (fun data ->
            let full = at group name

            size stream.Length full data
            |> Result.bind (fun shape ->
                match data.Type with
                | Error what -> refuse $"{full} of {what}" "floating-point numbers or integers"
                | Ok(struct (scalarType, isBig)) ->
                    inDataset full (fun () ->
                        Hdf5Elements.floats full stream data scalarType isBig shape
                        |> Result.map (fun values -> scalarType, shape, values))))

    /// Deeper gradients of gradients than anyone takes.
    let private deepest = 16

    let rec private block
        (stream: Stream)
        (types: Collections.Generic.HashSet<ScalarType>)
        ownProperties
        depth
        (group: Node)
        =
        numbers stream group "values"
        |> Result.bind (fun (scalarType, shape, values) ->
            types.Add scalarType |> ignore

            if shape.Length < 2 then
                refuse
                    (at group "values" + " of " + string shape.Length + " axes")
                    "samples, components and properties"
            elif depth > deepest then
                refuse "gradients of gradients, and so on" $"at most {string deepest} levels of them"
            else
                labels stream group "samples"
                |> Result.bind (fun samples ->
                    let axes =
                        match child group "components" with
                        | None -> Ok []
                        | Some components ->
                            [ 0 .. shape.Length - 3 ]
                            |> Result.traverse (fun j -> labels stream components (string j))
                            |> Result.map List.ofArray

                    axes
                    |> Result.bind (fun axes ->
                        match ownProperties with
                        | Some properties -> Ok properties
                        | None -> labels stream group "properties"
                        |> Result.bind (fun properties ->
                            let counts = [ samples.Count; yield! List.map Labels.count axes; properties.Count ]

                            if counts <> shape then
                                let show shape = "(" + String.Join(", ", (shape: int list)) + ")"

                                refuse
                                    $"""{at group "values"} of shape {show shape}"""
                                    $"{show counts}, as the labels have it"
                            else
                                TensorBlock.ofOwned samples axes properties values))))
        |> Result.bind (fun made ->
            match child group "gradients" with
            | None -> Ok made
            | Some gradients ->
                (made, gradients.Object.Links)
                ||> Result.fold (fun known (name, found) ->
                    if found.Data.IsSome then
                        refuse $"{at gradients name} that is no group" "a group"
                    else
                        let gradient = { Name = at gradients name; Object = found }

                        block stream types (Some known.Properties) (depth + 1) gradient
                        |> Result.bind (fun gradient -> TensorBlock.withGradient name gradient known)))

    let metadata (root: Hdf5Object) : Result<Map<string, string>, AniSoapError> =
        texts root "metadata"
        |> Result.bind (fun found ->
            match found with
            | Some [ json ] -> Metadata.ofJson json
            | Some several -> refuse $"{string several.Length} texts in attribute metadata" "one, a JSON object"
            | None -> Ok Map.empty)

    /// What the file holds, its metadata, and the types that its numbers had.
    let features (stream: Stream) (root: Hdf5Object) =
        let types = Collections.Generic.HashSet()
        let file = { Name = ""; Object = root }

        metadata root
        |> Result.bind (fun metadata ->
            let content =
                match child file "keys" with
                | Some _ ->
                    labels stream file "keys"
                    |> Result.bind (fun keys ->
                        let blocks = child file "blocks"

                        [ 0 .. keys.Count - 1 ]
                        |> Result.traverse (fun i ->
                            match blocks |> Option.bind (fun blocks -> child blocks (string i)) with
                            | Some group -> block stream types None 0 group
                            | None ->
                                Error(
                                    Missing(
                                        $"group blocks/{string i}",
                                        $"there are {string keys.Count} keys",
                                        Place.Unknown
                                    )
                                ))
                        |> Result.bind (TensorMap.create keys)
                        |> Result.map (TensorMap.withInfo metadata >> FeatureContent.Blocks))
                | None -> block stream types None 0 file |> Result.map FeatureContent.Table

            content
            |> Result.map (fun content -> {
                Content = content
                Metadata = metadata
                Types = List.sort (List.ofSeq types)
            }))

    /// Opens a file and reads it with `read`.
    let reading path (read: Stream -> Hdf5Object -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        Foreign.reading "HDF5" path (fun stream -> Hdf5Structure.read stream |> Result.bind (read stream))
