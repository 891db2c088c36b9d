namespace AniSoap.Formats

open System

/// Frames of a file one after the other, with the bytes that they are, by which a change of the file is seen.
type IndexBlock = {
    /// The number of its first frame in the file.
    First: int
    /// The SHA-256 of its bytes, from its first frame's to those of the next block or the end.
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
[<Struct>]
type FrameSpan = {
    /// The first frame.
    First: int
    /// The frame behind the last.
    Stop: int
}

/// Indices of trajectories.
module FrameIndex =
    /// Frames in so many parts of nearly equal numbers of particles, none without frames. Refuses more parts than frames.
    let parts (count: int) (index: FrameIndex) : Result<FrameSpan list, AniSoap.AniSoapError> =
        let particles = index.Files |> Seq.collect _.Particles |> Seq.map int64 |> Seq.toArray

        if count < 1 || count > particles.Length then
            Error(
                AniSoap.AniSoapError.invalid
                    "number of parts"
                    count
                    $"1 to {string particles.Length}, the number of frames"
            )
        else
            let before = particles |> Array.scan (+) 0L
            let total = before[particles.Length]

            // The end of part k is the frame that comes nearest to its share of all particles.
            let nearest k =
                let wanted = float total * float k / float count
                let above = before |> Array.findIndex (fun sum -> float sum >= wanted)

                if above > 0 && wanted - float before[above - 1] < float before[above] - wanted then
                    above - 1
                else
                    above

            let folder (first, spans) k =
                // Every part behind this one needs a frame too.
                let stop =
                    if k = count then
                        particles.Length
                    else
                        min (particles.Length - (count - k)) (max (first + 1) (nearest k))

                stop, { First = first; Stop = stop } :: spans

            [ 1..count ] |> List.fold folder (0, []) |> snd |> List.rev |> Ok

    /// Each file that has some of the frames: its number, and which of its own frames these are.
    let internal within (span: FrameSpan) (index: FrameIndex) =
        let starts = index.Files |> List.scan (fun sum file -> sum + file.Frames) 0

        List.zip index.Files (List.take index.Files.Length starts)
        |> List.choose (fun (file, start) ->
            let own = { First = max 0 (span.First - start); Stop = min file.Frames (span.Stop - start) }

            if own.First < own.Stop then
                Some(struct (file, start, own))
            else
                None)

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

        for struct (file, _, own) in within span index do
            let struct (first, stop) = blocksOf file own

            for k in first .. stop - 1 do
                all.AppendData(ReadOnlySpan(Text.Encoding.ASCII.GetBytes file.Blocks[k].Hash))

        Convert.ToHexStringLower(all.GetHashAndReset())
