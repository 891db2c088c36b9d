namespace AniSoap.Formats

open System

/// Frames of a file one after the other, with the bytes that they are, by which a change of the file is seen.
type IndexBlock = {
    /// The number of its first frame in the file.
    First: int
    /// The XXH128 of its bytes, from its first frame's to those of the next block or the end, in 32 hexadecimal digits; their SHA-256, in 64, in an index made by an
    /// earlier program.
    Hash: string
}

/// What one trajectory holds and where: what a part of a run needs to begin at any of its frames.
[<NoComparison>]
type IndexedFile = {
    /// The file, as it was named.
    Path: string
    /// Its bytes.
    Size: int64
    /// When it was written last.
    Modified: DateTime
    /// Whether it is packed: then a part has to unpack all that stands before its frames.
    IsPacked: bool
    /// The SHA-256 of the file.
    Hash: string
    /// The species that occur in it, ascending.
    Species: int[]
    /// The particles of each frame.
    Particles: int[]
    /// The cutoff radius within which pairs were counted; none: they were not.
    PairCutoff: float option
    /// Directed pairs of each frame within it, images counted; empty where they were not counted.
    Pairs: int64[]
    /// Where each frame begins, in bytes of the text, unpacked.
    Offsets: int64[]
    /// How many lines stand before each frame.
    Lines: int64[]
    /// The bytes of the text, unpacked.
    Length: int64
    /// Its blocks of a megabyte and more.
    Blocks: IndexBlock[]
} with

    /// How many frames it has.
    member file.Frames = file.Particles.Length

/// Trajectories that are read one after the other, with frames numbered on and on.
[<NoComparison>]
type FrameIndex = {
    /// The trajectories.
    Files: IndexedFile list
} with

    /// How many frames they have.
    member index.Frames = index.Files |> List.sumBy _.Frames

    /// The species that occur, ascending.
    member index.Species = index.Files |> Seq.collect _.Species |> Seq.distinct |> Seq.sort |> Seq.toList

/// Consecutive frames of all inputs: from `First` up to `Stop`, which is the next part's.
type FrameSpan = {
    /// The first frame.
    First: int
    /// The frame behind the last.
    Stop: int
}

/// Indices of trajectories.
module FrameIndex =
    /// One number of every frame of all files. Loops where a part begins: what the F# library has of these is compiled at its first call.
    let private ofFrames (index: FrameIndex) (add: IndexedFile -> int64[] -> int -> unit) =
        let all = Array.zeroCreate<int64> index.Frames
        let mutable at = 0

        for file in index.Files do
            add file all at
            at <- at + file.Frames

        all

    /// The particles of each frame.
    let private particles (index: FrameIndex) =
        ofFrames index (fun file all at ->
            for k in 0 .. file.Frames - 1 do
                all[at + k] <- int64 file.Particles[k])

    /// What computing each frame takes, in some unit: its pairs and particles, where all files have their pairs counted within the same cutoff, else its particles.
    let work (index: FrameIndex) : int64[] =
        let work = particles index
        let cutoffs = index.Files |> List.map _.PairCutoff |> List.distinct

        match cutoffs with
        | [ Some _ ] ->
            let pairs = ofFrames index (fun file all at -> file.Pairs.CopyTo(all, at))

            for k in 0 .. work.Length - 1 do
                work[k] <- work[k] + pairs[k]
        | _ -> ()

        work

    /// Sums of the numbers before each, and of all.
    let private before (numbers: int64[]) =
        let sums = Array.zeroCreate<int64>(numbers.Length + 1)

        for k in 0 .. numbers.Length - 1 do
            sums[k + 1] <- sums[k] + numbers[k]

        sums

    /// The particles of all frames before each.
    let internal particlesBefore index = before (particles index)

    /// Parts must be larger than so many grains, for these to change their sizes by little.
    [<Literal>]
    let private GrainsOfPart = 16

    /// Frames in so many parts of nearly equal work, none without frames. Parts begin at multiples of `grain` frames, or of twice, four times … as many, where parts have many of these: then
    /// little hangs on it. Refuses more parts than frames.
    let partsAlong (grain: int) (count: int) (index: FrameIndex) : Result<FrameSpan list, AniSoap.AniSoapError> =
        let work = work index
        let frames = work.Length

        if count < 1 || count > frames then
            Error(AniSoap.AniSoapError.invalid "number of parts" count $"1 to {string frames}, the number of frames")
        else
            let before = before work
            let total = before[frames]
            let fits grain = int64 grain * int64 GrainsOfPart * int64 count <= int64 frames

            let rec coarsest grain = if fits (2 * grain) then coarsest (2 * grain) else grain

            let grain = if grain > 1 && fits grain then coarsest grain else 1

            /// The first frame before which there is so much work.
            let rec above wanted low high =
                if low = high then
                    low
                else
                    let middle = (low + high) / 2

                    if float before[middle] >= wanted then
                        above wanted low middle
                    else
                        above wanted (middle + 1) high

            // The end of part k is where most nearly its share of all work is done.
            let nearest k =
                let wanted = float total * float k / float count
                let at = above wanted 0 frames / grain * grain

                [ at; at - grain; at + grain ]
                |> List.filter (fun frame -> frame >= 0 && frame <= frames)
                |> List.minBy (fun frame -> abs (float before[frame] - wanted))

            let folder (first, spans) k =
                // Every part behind this one needs a frame too.
                let stop =
                    if k = count then
                        frames
                    else
                        min (frames - (count - k)) (max (first + 1) (nearest k))

                stop, { First = first; Stop = stop } :: spans

            [ 1..count ] |> List.fold folder (0, []) |> snd |> List.rev |> Ok

    /// Frames in so many parts of nearly equal work, none without frames. Refuses more parts than frames.
    let parts (count: int) (index: FrameIndex) : Result<FrameSpan list, AniSoap.AniSoapError> = partsAlong 1 count index

    /// Each file that has some of the frames: its first frame's number, and which of its own frames these are.
    let internal within (span: FrameSpan) (index: FrameIndex) : (IndexedFile * int * FrameSpan) list =
        let rec from start (files: IndexedFile list) =
            match files with
            | [] -> []
            | file :: rest ->
                let own = { First = max 0 (span.First - start); Stop = min file.Frames (span.Stop - start) }
                let others = from (start + file.Frames) rest

                if own.First < own.Stop then
                    (file, start, own) :: others
                else
                    others

        from 0 index.Files

    /// The blocks that hold frames of a file: the first, and the one behind the last.
    let internal blocksOf (file: IndexedFile) (own: FrameSpan) =
        let first = Array.FindLastIndex(file.Blocks, fun block -> block.First <= own.First)
        let last = Array.FindLastIndex(file.Blocks, fun block -> block.First < own.Stop)
        struct (first, last + 1)

    /// One hash for all blocks that hold some of the frames.
    let hashOf (span: FrameSpan) (index: FrameIndex) : string =
        use all =
            System.Security.Cryptography.IncrementalHash.CreateHash
                System.Security.Cryptography.HashAlgorithmName.SHA256

        for file, _, own in within span index do
            let struct (first, stop) = blocksOf file own

            for k in first .. stop - 1 do
                all.AppendData(ReadOnlySpan(Text.Encoding.ASCII.GetBytes file.Blocks[k].Hash))

        Convert.ToHexStringLower(all.GetHashAndReset())
