namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Text.Json
open AniSoap.Formats

/// Indices of trajectories, made once and kept beside them.
module IndexFile =
    /// A block ends with the frame that brings it to so many bytes.
    [<Literal>]
    let private SmallestBlock = 1048576L

    /// Where the index of a trajectory stands.
    let pathOf (input: string) = input + ".index.json"

    let private sourceOf path = { Place.Unknown with Source = Some path }

    let internal openText path = InputStream.openPath path

    let private readsAnywhere =
        "extended XYZ and LAMMPS dumps, packed or not, in files (others can be converted to extended XYZ)"

    /// Frames as they stand: what becomes of particles without a shape does not matter.
    let private asPoints (options: InputOptions) = {
        options with
            SemiAxes = Some(Vector3.create 1.0 1.0 1.0)
            SemiAxesBySpecies = Map.empty
            Warn = ignore
    }

    /// Where a block begins in the text: the first takes what stands before the first frame.
    let internal startOf (offsets: IReadOnlyList<int64>) (first: int) = if first = 0 then 0L else offsets[first]

    /// The first frames of blocks.
    let private cut (offsets: IReadOnlyList<int64>) =
        let firsts = List<int> [ 0 ]

        for frame in 1 .. offsets.Count - 1 do
            if offsets[frame] - startOf offsets firsts[firsts.Count - 1] >= SmallestBlock then
                firsts.Add frame

        firsts.ToArray()

    /// The hashes of stretches of a stream that begin at these places, the last of which ends with it; and its length.
    let private hashes (hash: BlockHash) (stream: Stream) (starts: int64[]) =
        use hash = hash
        let buffer = Array.zeroCreate<byte> 1048576
        let found = Array.create starts.Length ""
        let mutable position = 0L
        let mutable ended = false

        for k in 0 .. starts.Length - 1 do
            let stop =
                if k + 1 < starts.Length then
                    starts[k + 1]
                else
                    Int64.MaxValue

            while position < stop && not ended do
                let wanted = int (min (int64 buffer.Length) (stop - position))
                let count = stream.Read(buffer, 0, wanted)

                if count = 0 then
                    ended <- true

                hash.Append(ReadOnlySpan(buffer, 0, count))
                position <- position + int64 count

            found[k] <- hash.Take()

        struct (found, position)

    /// Directed pairs of a frame; more than the limits of a run allow are an error.
    let private pairsOf (cutoff: float) (frame: Frame) =
        let mutable count = 0L

        NeighborList.visit Limits.defaults cutoff (fun _ -> count <- count + 1L) frame
        |> Result.map (fun () -> count)

    let private readFrames (options: InputOptions) path (progress: int -> unit) =
        FrameTrajectory.formatOf options path
        |> Result.bind (fun format ->
            openText path
            |> Result.bind (fun stream ->
                let lines = new LineReader(stream)

                match FrameTrajectory.trajectoryReader (asPoints options) ignore path lines format with
                | None ->
                    stream.Dispose()
                    Error(AniSoapError.invalid "input of an index" path readsAnywhere)
                | Some reader ->
                    use reader = reader
                    let offsets, numbers, particles = List<int64>(), List<int64>(), List<int>()
                    let pairs = List<int64>()
                    let species = HashSet<int>()
                    let mutable outcome = ValueNone

                    while outcome.IsNone do
                        let offset, number = lines.Position, lines.Number

                        match reader.Read offsets.Count with
                        | Error error -> outcome <- ValueSome(Error error)
                        | Ok ValueNone -> outcome <- ValueSome(Ok())
                        | Ok(ValueSome frame) ->
                            offsets.Add offset
                            numbers.Add number
                            particles.Add frame.Particles.Length
                            species.UnionWith frame.Particles.SpeciesAscending

                            match options.CutoffRadius |> Option.map (fun cutoff -> pairsOf cutoff frame) with
                            | None -> ()
                            | Some(Ok count) -> pairs.Add count
                            | Some(Error error) ->
                                let place = { Place.Unknown with Source = Some path; Frame = Some(offsets.Count - 1) }

                                outcome <- ValueSome(Error(AniSoapError.at place error))

                            progress offsets.Count

                    outcome.Value
                    |> Result.bind (fun () ->
                        if offsets.Count = 0 then
                            Error(Malformed("no frames", "at least one frame", sourceOf path))
                        else
                            Ok(struct (offsets, numbers, particles, struct (species, pairs))))))

    /// Reads a trajectory once for its index; pairs within `options.CutoffRadius` are counted, where it is given. Refuses formats whose frames cannot be begun anywhere, and streams.
    let make (options: InputOptions) (progress: int -> unit) (path: string) : Result<IndexedFile, AniSoapError> =
        if path = "-" || PathKind.isStream path then
            Error(AniSoapError.invalid "input of an index" path readsAnywhere)
        else
            readFrames options path progress
            |> Result.bind (fun (struct (offsets, numbers, particles, struct (species, pairs))) ->
                InputStream.guarded path (fun () ->
                    let info = FileInfo path
                    use file = File.OpenRead path
                    let struct (whole, size) = hashes (BlockHash.Sha256()) file [| 0L |]

                    openText path
                    |> Result.map (fun text ->
                        use text = text
                        let firsts = cut offsets

                        let struct (blocks, length) =
                            hashes (BlockHash.Create()) text (firsts |> Array.map (startOf offsets))

                        {
                            Path = path
                            Size = size
                            Modified = info.LastWriteTimeUtc
                            IsPacked = not (text :? FileStream)
                            Hash = whole[0]
                            Species = species |> Seq.sort |> Seq.toArray
                            Particles = particles.ToArray()
                            PairCutoff = options.CutoffRadius
                            Pairs = pairs.ToArray()
                            Offsets = offsets.ToArray()
                            Lines = numbers.ToArray()
                            Length = length
                            Blocks =
                                Array.map2
                                    (fun first hash -> { IndexBlock.First = first; Hash = hash })
                                    firsts
                                    blocks
                        })))

    /// The index as JSON.
    let toJson (file: IndexedFile) : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory)
         writer.WriteStartObject()
         writer.WriteNumber(IndexText.Kind, IndexText.Version)
         writer.WriteString("file", Path.GetFileName file.Path)
         writer.WriteNumber("size", file.Size)
         writer.WriteString("modified", file.Modified.ToString("O", Globalization.CultureInfo.InvariantCulture))
         writer.WriteBoolean("packed", file.IsPacked)
         writer.WriteString("sha256", file.Hash)
         writer.WriteNumber("length", file.Length)

         let numbers (name: string) (all: int64 seq) =
             writer.WriteStartArray name

             for number in all do
                 writer.WriteNumberValue number

             writer.WriteEndArray()

         numbers "species" (Seq.map int64 file.Species)
         numbers "particles" (Seq.map int64 file.Particles)

         file.PairCutoff
         |> Option.iter (fun cutoff ->
             writer.WriteNumber("pair_cutoff_radius", cutoff)
             numbers "pairs" file.Pairs)

         numbers "offsets" file.Offsets
         numbers "lines" file.Lines
         numbers "block_firsts" (file.Blocks |> Seq.map (fun block -> int64 block.First))
         writer.WriteStartArray "block_hashes"

         for block in file.Blocks do
             writer.WriteStringValue block.Hash

         writer.WriteEndArray()
         writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray()) + "\n"

    /// Keeps the index beside its trajectory; one that is there is replaced.
    let save (file: IndexedFile) : Result<unit, AniSoapError> =
        AtomicFile.write Existing.Replace (pathOf file.Path) (fun stream ->
            stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes(toJson file)))
            Ok())

    /// The index that stands beside a trajectory. Refuses one of a file of another size.
    let load (path: string) : Result<IndexedFile, AniSoapError> =
        let place = pathOf path

        if not (File.Exists place) then
            Error(Inaccessible(place, "does not exist; anisoap index makes it"))
        else
            Files.guard place (fun () ->
                match IndexText.parse path (File.ReadAllBytes place) with
                | None -> Error(Malformed("no index of a trajectory", "what anisoap index writes", sourceOf place))
                | Some _ when not (File.Exists path) -> Error(Inaccessible(path, "does not exist"))
                | Some file when FileInfo(path).Length <> file.Size ->
                    Error(
                        InvalidValue(
                            "size of the file",
                            string (FileInfo(path).Length),
                            string file.Size + ", as when its index was made (anisoap index makes it anew)",
                            sourceOf path
                        )
                    )
                | Some file -> Ok file)

    /// The indices that stand beside trajectories.
    let loadAll (paths: string seq) : Result<FrameIndex, AniSoapError> =
        paths
        |> Result.traverse load
        |> Result.map (fun files -> { Files = List.ofArray files })
