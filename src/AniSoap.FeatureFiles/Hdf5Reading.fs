namespace AniSoap

open System
open System.IO
open PureHDF
open PureHDF.VOL.Native

/// Reads what `Hdf5Writing` writes. Whatever is declared in the file is compared with its length first.
module internal Hdf5Reading =
    let private at (group: IH5Object) (name: string) =
        let parent = group.Name.TrimEnd '/'
        if parent = "" then name else parent + "/" + name

    let private refuse found expected = Error(Malformed(found, expected, Place.Unknown))

    let private dataset (group: IH5Group) (name: string) : Result<NativeDataset, AniSoapError> =
        if not (group.LinkExists name) then
            Error(
                Missing(
                    $"dataset {at group name}",
                    "the file holds no features as this program writes them",
                    Place.Unknown
                )
            )
        else
            match group.Get name with
            | :? NativeDataset as found -> Ok found
            | _ -> refuse $"{at group name} that is no dataset" "a dataset"

    /// The lengths of a dataset's axes and their product, once the file can hold it.
    let private size (fileLength: int64) name (data: NativeDataset) =
        let shape = data.Space.Dimensions

        Foreign.elements fileLength data.Type.Size shape
        |> Result.bind (fun count ->
            let chunk =
                if data.Layout.Class = H5DataLayoutClass.Chunked then
                    Foreign.elements fileLength data.Type.Size data.Layout.Chunks
                else
                    Ok 0

            chunk |> Result.map (fun _ -> shape |> Array.map int |> Array.toList, count))
        |> Result.mapError (fun error ->
            match error with
            | Malformed(found, expected, place) -> Malformed($"{found} in dataset {name}", expected, place)
            | other -> other)

    let private texts (owner: IH5Object) name : Result<string list, AniSoapError> =
        if owner.AttributeExists name then
            Ok(List.ofArray (owner.Attribute(name).Read<string[]>()))
        else
            Error(Missing($"attribute {at owner name}", "labels need their names", Place.Unknown))

    let private labels fileLength (group: IH5Group) name : Result<Labels, AniSoapError> =
        let place error =
            match error with
            | InvalidValue(parameter, value, accepted, place) ->
                InvalidValue($"{parameter} of dataset {at group name}", value, accepted, place)
            | other -> other

        dataset group name
        |> Result.bind (fun data ->
            size fileLength (at group name) data
            |> Result.bind (fun (shape, count) ->
                texts data "names"
                |> Result.bind (fun names ->
                    match shape with
                    | [ _; width ] when width = names.Length ->
                        if data.Type.Class <> H5DataTypeClass.FixedPoint || data.Type.Size <> 4 then
                            refuse $"{at group name} of {data.Type.Size}-byte {data.Type.Class}" "4-byte integers"
                        else
                            let values = if count = 0 then Array.empty else data.Read<int[]>()
                            Labels.ofOwned names values
                    | _ -> refuse $"{at group name} of another shape" $"a column for each of {names.Length} names")))
        |> Result.mapError place

    /// Numbers as doubles, and what they were.
    let private numbers fileLength (group: IH5Group) name =
        dataset group name
        |> Result.bind (fun data ->
            size fileLength (at group name) data
            |> Result.bind (fun (shape, count) ->
                let all scalarType (read: unit -> float[]) =
                    Ok(scalarType, shape, (if count = 0 then Array.empty else read ()))

                match data.Type.Class, data.Type.Size with
                | H5DataTypeClass.FloatingPoint, 8 -> all ScalarType.Float64 (fun () -> data.Read<float[]>())
                | H5DataTypeClass.FloatingPoint, 4 ->
                    all ScalarType.Float32 (fun () -> data.Read<single[]>() |> Array.map float)
                | H5DataTypeClass.FixedPoint, 4 when data.Type.FixedPoint.IsSigned ->
                    all ScalarType.Int32 (fun () -> data.Read<int[]>() |> Array.map float)
                | kind, size -> refuse $"{at group name} of {size}-byte {kind}" "8- or 4-byte floating-point numbers"))

    let private children (group: IH5Group) name : IH5Group option =
        if group.LinkExists name then
            Some(group.Group name)
        else
            None

    /// Deeper gradients of gradients than anyone takes.
    let private deepest = 16

    let rec private block
        fileLength
        (types: Collections.Generic.HashSet<ScalarType>)
        ownProperties
        depth
        (group: IH5Group)
        =
        numbers fileLength group "values"
        |> Result.bind (fun (scalarType, shape, values) ->
            types.Add scalarType |> ignore

            if shape.Length < 2 then
                refuse $"""{at group "values"} of {shape.Length} axes""" "samples, components and properties"
            elif depth > deepest then
                refuse "gradients of gradients, and so on" $"at most {deepest} levels of them"
            else
                labels fileLength group "samples"
                |> Result.bind (fun samples ->
                    let axes =
                        match children group "components" with
                        | None -> Ok []
                        | Some components ->
                            (Ok [], [ 0 .. shape.Length - 3 ])
                            ||> List.fold (fun known j ->
                                known
                                |> Result.bind (fun known ->
                                    labels fileLength components (string j)
                                    |> Result.map (fun axis -> axis :: known)))
                            |> Result.map List.rev

                    axes
                    |> Result.bind (fun axes ->
                        match ownProperties with
                        | Some properties -> Ok properties
                        | None -> labels fileLength group "properties"
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
            match children group "gradients" with
            | None -> Ok made
            | Some gradients ->
                (Ok made, gradients.Children())
                ||> Seq.fold (fun known child ->
                    known
                    |> Result.bind (fun known ->
                        match child with
                        | :? IH5Group as gradient ->
                            block fileLength types (Some known.Properties) (depth + 1) gradient
                            |> Result.bind (fun gradient -> TensorBlock.withGradient child.Name gradient known)
                        | _ -> refuse $"{at gradients child.Name} that is no group" "a group")))

    let metadata (file: NativeFile) : Result<Map<string, string>, AniSoapError> =
        if file.AttributeExists "metadata" then
            Metadata.ofJson (file.Attribute("metadata").Read<string>())
        else
            Ok Map.empty

    /// What the file holds, its metadata, and the types that its numbers had.
    let features (fileLength: int64) (file: NativeFile) =
        let types = Collections.Generic.HashSet()

        metadata file
        |> Result.bind (fun metadata ->
            let content =
                if file.LinkExists "keys" then
                    labels fileLength file "keys"
                    |> Result.bind (fun keys ->
                        let blocks = file.Group "blocks"

                        (Ok [], [ 0 .. keys.Count - 1 ])
                        ||> List.fold (fun known i ->
                            known
                            |> Result.bind (fun known ->
                                if blocks.LinkExists(string i) then
                                    block fileLength types None 0 (blocks.Group(string i))
                                    |> Result.map (fun block -> block :: known)
                                else
                                    Error(
                                        Missing($"group blocks/{i}", $"there are {keys.Count} keys", Place.Unknown)
                                    )))
                        |> Result.bind (List.rev >> TensorMap.create keys)
                        |> Result.map (TensorMap.withInfo metadata >> FeatureContent.Blocks))
                else
                    block fileLength types None 0 file |> Result.map FeatureContent.Table

            content
            |> Result.map (fun content -> {
                Content = content
                Metadata = metadata
                Types = List.sort (List.ofSeq types)
            }))

    /// Opens a file and reads it with `read`, which is given its length.
    let reading path (read: int64 -> NativeFile -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        Foreign.guard "HDF5" path (fun () ->
            Files.reading path (fun stream ->
                BoundedDeflate.Register()

                Hdf5Check.check stream
                |> Result.bind (fun () ->
                    use file = H5File.Open(stream, true)
                    read stream.Length file)))
