// Draws how the power of the density around a particle is shared out among the angular momenta l: a line a frame,
// a colour a file.
//
//     ./build pack
//     dotnet fsi scripts/angular-power.fsx docs/images/angular-power.svg docs/data/gay-berne/*.extxyz.gz
#r "nuget: AniSoap"

open System.IO
open AniSoap

let hypers = Hypers.gto 6 4 1.5 4.0

let read path =
    FrameFile.readWith { InputOptions.defaults with Warn = eprintfn "warning: %s" } path
    |> Seq.map Result.orFail
    |> Seq.toList

/// Percent of Σ |c_nlm|² that each l has, from a spectrum's diagonal n = n': there (−1)^l √(2l+1) p = Σ_m c_nlm².
let angularPower (spectrum: TensorMap) frame =
    let power = Array.zeroCreate (hypers.MaxAngular + 1)

    for block in spectrum.Blocks do
        for column in block.Properties do
            if
                column["n_1"] = column["n_2"]
                && column["neighbor_1_type"] = column["neighbor_2_type"]
            then
                let l = column["l"]
                let sign = if l % 2 = 0 then 1.0 else -1.0
                power[l] <- power[l] + sign * sqrt (2.0 * float l + 1.0) * block[frame, column.Position]

    power |> Array.map (fun value -> 100.0 * value / Array.sum power)

/// A line of the picture: the number of its file, and the power of every l.
type Line = { Series: int; Power: float[] }

let colours = [ "#4477aa"; "#ee6677"; "#228833"; "#ccbb44"; "#66ccee"; "#aa3377" ]
let width, height, margin = 480.0, 300.0, 50.0

/// l = 0 holds nearly everything and is left out.
let picture (names: string list) (lines: Line list) =
    let highest = lines |> List.map (fun line -> Array.max line.Power[1..]) |> List.max

    let x (l: int) =
        margin
        + (width - 2.0 * margin) * (float l - 1.0) / (float hypers.MaxAngular - 1.0)

    let y power = height - margin - (height - 2.0 * margin) * power / (1.1 * highest)
    let colour series = colours[series % colours.Length]

    [
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"""
        $"""<rect width="{width}" height="{height}" fill="white"/>"""
        $"""<path d="M{margin} {margin} V{height - margin} H{width - margin}" fill="none" stroke="#666"/>"""
        for l in 1 .. hypers.MaxAngular do
            $"""<text x="%.0f{x l}" y="{height - margin + 18.0}" text-anchor="middle">{l}</text>"""
        for power in 0.0 .. 0.5 .. highest do
            $"""<text x="{margin - 6.0}" y="%.0f{y power + 4.0}" text-anchor="end">%.1f{power}</text>"""
        for line in lines do
            let points =
                [ for l in 1 .. hypers.MaxAngular -> $"%.1f{x l},%.1f{y line.Power[l]}" ]
                |> String.concat " "

            $"""<polyline points="{points}" fill="none" stroke="{colour line.Series}" stroke-opacity="0.7"/>"""
        for series, name in List.indexed names do
            let left = margin + 130.0 * float series
            $"""<rect x="{left}" y="24" width="20" height="4" fill="{colour series}"/><text x="{left + 28.0}" y="30">{name}</text>"""
        $"""<text x="{width / 2.0}" y="{height - 12.0}" text-anchor="middle">angular momentum l</text>"""
        $"""<text x="16" y="{height / 2.0}" text-anchor="middle" transform="rotate(-90 16 {height / 2.0})">power in l / %%</text>"""
        "</svg>"
    ]

/// Everything between the frames of each file and the picture.
let draw names (files: Frame list list) =
    let frames = List.concat files

    let series =
        files
        |> List.indexed
        |> List.collect (fun (k, frames) -> List.replicate frames.Length k)

    let projection = Projection.ofFrames hypers frames |> Result.orFail
    let spectrum = PowerSpectrum.mean projection frames |> Result.orFail

    series
    |> List.mapi (fun frame k -> { Series = k; Power = angularPower spectrum frame })
    |> picture names

let nameOf (path: string) = (Path.GetFileName path).Split('.')[0]

match fsi.CommandLineArgs |> Array.toList with
| _ :: output :: (_ :: _ as paths) ->
    try
        let lines = paths |> List.map read |> draw (List.map nameOf paths)
        File.WriteAllText(output, String.concat "\n" lines + "\n")
    with error ->
        eprintfn "%s" error.Message
        exit 2
| _ ->
    eprintfn "usage: dotnet fsi scripts/angular-power.fsx OUTPUT.svg FILE..."
    exit 2
