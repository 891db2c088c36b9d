namespace AniSoap

open System

/// What an ending says of a file of frames.
type FrameEnding = {
    /// The ending, with its dot.
    Ending: string
    /// The format that it stands for.
    Format: FrameFormat
    /// Whether `.gz` may follow.
    MayBePacked: bool
}

/// The one list of endings: what is read, what is written and what help texts name follows it.
module Endings =
    /// Files of frames, which are read; all but those of atoms alone are written too.
    let frames: FrameEnding list = [
        for ending, format in
            [
                ".xyz", FrameFormat.ExtendedXyz
                ".extxyz", FrameFormat.ExtendedXyz
                ".dump", FrameFormat.LammpsDump
                ".lammpstrj", FrameFormat.LammpsDump
                ".data", FrameFormat.LammpsData
                ".gsd", FrameFormat.Gsd
                ".json", FrameFormat.Chemiscope
                ".pdb", FrameFormat.Pdb
                ".gro", FrameFormat.Gro
            ] ->
            {
                Ending = ending
                Format = format
                // It is read and written here and there.
                MayBePacked = format <> FrameFormat.Gsd
            }
    ]

    /// The endings of frames, without `.gz`.
    let ofFrames: string list = frames |> List.map _.Ending

    /// Whether frames are written in the format, and not only read.
    let internal isWritten (format: FrameFormat) =
        match format with
        | FrameFormat.Pdb
        | FrameFormat.Gro -> false
        | _ -> true

    /// The endings of frames that are written, each with `.gz` too where it may follow.
    let ofPackedFrames: string list =
        frames
        |> List.filter (fun known -> isWritten known.Format)
        |> List.collect (fun known -> [
            known.Ending
            if known.MayBePacked then
                known.Ending + ".gz"
        ])

    let private endsIn (ending: string) (path: string) = path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

    /// Whether the file is packed, by its ending.
    let internal isPacked (path: string) = endsIn ".gz" path

    /// The format of frames of a path, packed or not, by its ending.
    let internal tryFrames (path: string) : FrameFormat option =
        let plain =
            if isPacked path then
                path.Substring(0, path.Length - 3)
            else
                path

        frames
        |> List.tryFind (fun known -> endsIn known.Ending plain)
        |> Option.map _.Format
