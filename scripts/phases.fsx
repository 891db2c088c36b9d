(**
---
title: Comparing phases
category: Scripts and notebooks
categoryindex: 4
index: 2
---

# Comparing phases

Eighteen frames of the same molecules, six each of an isotropic liquid, a nematic and a smectic. Nobody tells the features which is which; principal
component analysis (PCA) finds the two directions in which the frames differ most. Do they know the phases?
*)
#r "nuget: AniSoap"
#r "nuget: AniSoap.Figures"

open System.IO
open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting

let data = Path.Combine(__SOURCE_DIRECTORY__, "..", "docs", "data", "gay-berne")
let phases = [ "isotropic"; "nematic"; "smectic" ]

let frames = [
    for phase in phases do
        for frame in FrameFile.read (Path.Combine(data, phase + ".extxyz.gz")) do
            phase, Result.orFail frame
]

(**
## Features of every frame

One projection for all of them: only features made with the same hyperparameters and the same species can be compared.
*)
let hypers = Hypers.gto 6 4 1.5 4.0
let ellipsoids = List.map snd frames
let projection = Projection.ofFrames hypers ellipsoids |> Result.orFail
let spectrum = PowerSpectrum.mean projection ellipsoids |> Result.orFail
let features = spectrum.Blocks[0]
printfn "%d frames × %d features" features.Samples.Count features.Properties.Count
(*** include-output ***)

(**
The three liquids differ in density too (0.32, 0.36 and 0.38), and a denser one has larger features: more neighbours. To compare the arrangement alone, every
frame's features are divided by their norm.
*)
let unitRows =
    [|
        for frame in 0 .. features.Samples.Count - 1 do
            let row = features.Row(frame, 0).ToArray()
            let norm = sqrt (row |> Array.sumBy (fun x -> x * x))
            for x in row -> x / norm
    |]
    |> TensorBlock.create features.Samples [] features.Properties
    |> Result.orFail

(**
## Principal components

Features are centred and not scaled, so the large ones count most.
*)
let components = PrincipalComponents.fit 2 unitRows |> Result.orFail
let map = PrincipalComponents.project components unitRows |> Result.orFail

printfn
    "variance explained: %s"
    (components.VarianceRatios
     |> Seq.map (fun ratio -> $"{100.0 * ratio:F1} %%")
     |> String.concat ", ")
(*** include-output ***)

(**
## Side by side with the order parameter

The nematic order parameter S of the long axes (the body's x) is 0 without any order and 1 where all molecules are parallel. It needs to be told which axis matters;
the features were not.
*)
printfn "phase       PC 1     PC 2      S"

for number, (phase, frame) in List.indexed frames do
    let order = OrderParameters.ofFrame BodyAxis.X frame |> Option.get
    printfn "%-9s %7.4f  %7.4f  %5.3f" phase map[number, 0] map[number, 1] order.Order
(*** include-output ***)

(**
## How far apart are the phases?

A frame is told apart from the other phases if it lies nearer to the mean of its own phase (computed without itself) than to any other's.
*)
let position number = map[number, 0], map[number, 1]

let mean (points: (float * float) list) = List.averageBy fst points, List.averageBy snd points
let distance (x1, y1) (x2, y2) = sqrt ((x1 - x2) ** 2.0 + (y1 - y2) ** 2.0)

let nearest number =
    phases
    |> List.minBy (fun phase ->
        [
            for other, (phaseOfOther, _) in List.indexed frames do
                if phaseOfOther = phase && other <> number then
                    position other
        ]
        |> mean
        |> distance (position number))

let right =
    List.indexed frames
    |> List.filter (fun (number, (phase, _)) -> nearest number = phase)

printfn "%d of %d frames are nearest to their own phase" right.Length frames.Length
(*** include-output ***)

(**
The first component tells the isotropic liquid from the ordered ones, and so does S. The second tells nematic from smectic by more than alignment: how molecules lie in layers.

## A picture

The map. Notebooks show it where it is the last value of a cell; `Html.save` writes it as one web page that opens in any browser without a network. The mouse shows the number of each frame.
*)
let style = {
    MapPicture.defaults with
        Title = "Eighteen frames of a Gay–Berne liquid"
        Colouring = ByGroup(List.map fst frames)
        Hover = frames |> List.mapi (fun number _ -> $"frame {number}")
}

let picture = MapPicture.create style unitRows |> Result.orFail
let page = Path.Combine(Path.GetTempPath(), "phases.html")
Html.save Existing.Replace page style.Title picture |> Result.orFail
printfn "saved: %b" (File.Exists page)
(*** include-output ***)
picture

(**
More of them: [pictures](../pictures.md). Next: [turning one of two ellipsoids](orientation-scan.fsx).
*)
