namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// A format of files of features, as its endings tell it.
[<NoComparison; NoEquality>]
type FeatureEnding = {
    /// The endings, in lower case with their dots.
    Endings: string list
    /// What such files are, for people.
    Name: string
    /// Whether rows and columns have names there, and hyperparameters stand beside the numbers.
    IsSelfDescribing: bool
    /// Whether the format holds blocks by key with their gradients.
    HoldsBlocks: bool
    /// Who reads and writes them; an error where that is a package that the program does not refer to.
    Format: unit -> Result<TableFormat, AniSoapError>
}

/// What an ending says of a file of frames.
type FrameEnding = {
    /// The ending, with its dot.
    Ending: string
    /// The format that it stands for.
    Format: FrameFormat
    /// Whether `.gz`, `.bz2` or `.zst` may follow where frames are read, and `.gz` where they are written.
    MayBePacked: bool
}

/// The one list of endings: what reads and writes a file, what helps say, and what the documentation has as a table.
module Endings =
    let private endsIn (ending: string) (path: string) = path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

    // --- frames -----------------------------------------------------------------------------------------------------

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

    /// Trajectories of positions, whose atoms another file tells: no format that is read.
    let internal isPositionsAlone (path: string) =
        [ ".dcd"; ".xtc"; ".trr" ] |> List.exists (fun ending -> endsIn ending path)

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

    /// The endings of packed files that are read.
    let packed: string list = [ ".gz"; ".bz2"; ".zst" ]

    /// The ending of a packed file.
    let internal tryPacked (path: string) : string option = packed |> List.tryFind (fun ending -> endsIn ending path)

    /// The format of frames of a path, packed or not, by its ending.
    let internal tryFrames (path: string) : FrameFormat option =
        let plain =
            match tryPacked path with
            | Some ending -> path.Substring(0, path.Length - ending.Length)
            | None -> path

        frames
        |> List.tryFind (fun known -> endsIn known.Ending plain)
        |> Option.map _.Format

    // --- features ---------------------------------------------------------------------------------------------------

    let private doubles read path =
        read path
        |> Result.map (fun (table, metadata) -> FeatureSet.ofTable table metadata)

    let private own format () = Ok format

    let private npz = {
        Read =
            fun path ->
                Npz.readTable path
                |> Result.map (fun (table, metadata, kind) -> {
                    Content = FeatureContent.Table table
                    Metadata = metadata
                    Types = [ kind ]
                })
        ReadMetadata = Npz.readMetadata
        Rows = Npz.rows
        WriteBlocks = None
    }

    let private npy = {
        Read =
            fun path ->
                Npy.readTable path
                |> Result.map (fun (table, kind) -> {
                    Content = FeatureContent.Table table
                    Metadata = Map.empty
                    Types = [ kind ]
                })
        ReadMetadata = fun _ -> Ok Map.empty
        Rows = Npy.rows
        WriteBlocks = None
    }

    let private csv = {
        Read = doubles Csv.read
        ReadMetadata = Csv.readMetadata
        Rows = Csv.rows
        WriteBlocks = None
    }

    let private mts = {
        Read =
            fun path ->
                Files.reading path (MtsReader.mapAndTypes path)
                |> Result.map (fun (map, types) -> {
                    Content = FeatureContent.Blocks map
                    Metadata = map.Info
                    Types = types
                })
        ReadMetadata = Mts.readInfo
        Rows =
            fun _ _ _ ->
                Error(AniSoapError.invalid "ending of a table" ".mts" "the other formats; Mts.rows writes .mts")
        WriteBlocks = Some Mts.writeWith
    }

    [<Literal>]
    let private Package = "AniSoap.FeatureFiles"

    /// The package's formats. Looked for where a file of theirs is named, so that its libraries are loaded for them alone.
    let private ofPackage (choose: FormatPackage -> TableFormat) () =
        let found =
            match Type.GetType("AniSoap.Formats.ColumnarFormats, " + Package, false) with
            | null -> null
            | found -> Activator.CreateInstance found

        match found with
        | :? FormatPackage as package -> Ok(choose package)
        | _ ->
            Error(
                Missing(
                    "the package " + Package,
                    "HDF5 and Parquet are read and written by it; add a reference to it",
                    Place.Unknown
                )
            )

    /// The formats of files of features.
    let features: FeatureEnding list = [
        {
            Endings = [ ".npz" ]
            Name = "NumPy archive: values, names of rows and columns, metadata"
            IsSelfDescribing = true
            HoldsBlocks = false
            Format = own npz
        }
        {
            Endings = [ ".npy" ]
            Name = "NumPy array: the values alone"
            IsSelfDescribing = false
            HoldsBlocks = false
            Format = own npy
        }
        {
            Endings = [ ".csv" ]
            Name = "comma-separated values, metadata beside them in NAME.csv-metadata.json"
            IsSelfDescribing = true
            HoldsBlocks = false
            Format = own csv
        }
        {
            Endings = [ ".mts" ]
            Name = "metatensor: blocks by key, with gradients"
            IsSelfDescribing = true
            HoldsBlocks = true
            Format = own mts
        }
        {
            Endings = [ ".h5"; ".hdf5" ]
            Name = "HDF5: a table, or blocks by key with gradients"
            IsSelfDescribing = true
            HoldsBlocks = true
            Format = ofPackage _.Hdf5
        }
        {
            Endings = [ ".parquet" ]
            Name = "Parquet: a column a feature"
            IsSelfDescribing = true
            HoldsBlocks = false
            Format = ofPackage _.Parquet
        }
    ]

    /// The endings of files of features.
    let ofFeatures: string list = features |> List.collect _.Endings

    /// The endings of files of features that carry hyperparameters.
    let withHypers: string list = features |> List.filter _.IsSelfDescribing |> List.collect _.Endings

    /// The format of a path by its ending, if it is one of features.
    let tryFeatures (path: string) : FeatureEnding option =
        features
        |> List.tryFind (fun format -> List.exists (fun ending -> endsIn ending path) format.Endings)

    /// The same, or what endings there are.
    let featuresOf (path: string) : Result<FeatureEnding, AniSoapError> =
        match tryFeatures path with
        | Some format -> Ok format
        | None ->
            let ending = "'" + string (Path.GetExtension path) + "'"
            Error(AniSoapError.invalid ("ending of " + path) ending (String.concat ", " ofFeatures))
