// Coefficients and power spectrum of a file's frames, stage by stage.
//
//     ./build pack
//     dotnet fsi scripts/power-spectrum.fsx docs/data/gay-berne/nematic.extxyz.gz
#r "nuget: AniSoap"

open AniSoap

/// Lengths are in the unit of the file.
let hypers = Hypers.gto 6 4 1.5 4.0

/// The frames of a file.
let read path =
    FrameFile.readWith { InputOptions.defaults with Warn = eprintfn "warning: %s" } path
    |> Seq.map Result.orFail
    |> Seq.toList

let showShape (key: LabelsRow) (block: TensorBlock) =
    let shape = block.Shape |> Seq.map string |> String.concat " × "
    $"  {key}: {shape}"

/// What the expansion holds: one block for each angular momentum and species of the centre.
let showExpansion coefficients = [
    "Coefficients c_nlm (samples × m × columns):"
    for key, block in TensorMap.toSeq coefficients do
        showShape key block
]

/// The first columns of every frame's mean spectrum, with their labels.
let showSpectrum columns spectrum = [
    for key, block in TensorMap.toSeq spectrum do
        $"Mean power spectrum, {key}: {block.Samples.Count} frames × {block.Properties.Count} columns"

        for column in 0 .. (min columns block.Properties.Count) - 1 do
            let values = [ for frame in 0 .. block.Samples.Count - 1 -> $"%10.6f{block[frame, column]}" ]
            $"""  {block.Properties[column]}: {String.concat " " values}"""
]

let describe path =
    let frames = read path
    // The hyperparameters made ready for the species that occur.
    let projection = Projection.ofFrames hypers frames |> Result.orFail
    let coefficients = Expansion.coefficients projection frames |> Result.orFail
    let spectrum = PowerSpectrum.mean projection frames |> Result.orFail
    showExpansion coefficients @ showSpectrum 6 spectrum

match fsi.CommandLineArgs |> Array.toList with
| [ _; path ] ->
    try
        describe path |> List.iter (printfn "%s")
    with error ->
        eprintfn "%s" error.Message
        exit 2
| _ ->
    eprintfn "usage: dotnet fsi scripts/power-spectrum.fsx FILE"
    exit 2
