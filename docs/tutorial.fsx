(**
---
title: Tutorial
category: Start
categoryindex: 1
index: 3
---

# Tutorial

From a trajectory to the comparison of three phases in ten minutes, by the program in a shell, in F# or in C#: choose one, all three do the same. [Install](installation.md) first, and put the
three files of example data into an empty folder: [isotropic](data/gay-berne/isotropic.extxyz.gz), [nematic](data/gay-berne/nematic.extxyz.gz) and
[smectic](data/gay-berne/smectic.extxyz.gz). Each holds six frames of 500 ellipsoids with diameters 3, 1, 1 in a periodic box.

F# goes into a file `tutorial.fsx` for `dotnet fsi tutorial.fsx`, C# into `tutorial.cs` for `dotnet run --file tutorial.cs`, part after part. Both begin by asking for two packages, the library and its models:

**F#**
*)
#r "nuget: AniSoap"
#r "nuget: AniSoap.Learning"
(**
**C#**

```csharp
#:package AniSoap.CSharp@*
#:package AniSoap.Learning@*
using AniSoap;
using AniSoap.Analysis;
using AniSoap.CSharp;
using AniSoap.Learning;
```

## 1. See what is in a file

**Shell**

```bash
anisoap inspect nematic.extxyz.gz --cutoff-radius 4
```

**F#**
*)
open System.IO
open AniSoap

let folder = Path.Combine(__SOURCE_DIRECTORY__, "data", "gay-berne") // "." where the files lie beside the script

let read phase =
    Path.Combine(folder, phase + ".extxyz.gz")
    |> FrameFile.readWith { InputOptions.defaults with Warn = eprintfn "warning: %s" }
    |> Seq.map Result.orFail
    |> Seq.toList

let nematic = read "nematic"
printfn "%d frames, %d particles" nematic.Length nematic[0].Particles.Length
(*** include-output ***)

(**
**C#**

```csharp
var nematic = FrameFile.Read("nematic.extxyz.gz").ToList();
Console.WriteLine($"{nematic.Count} frames, {nematic[0].Count} particles");
```

`inspect` says how many frames and particles there are, what their semi-axes are (half the diameters), how well they are aligned (S, from 0 to 1), and how many
neighbours a particle has within the cutoff: here about 95. It warns of likely mistakes, such as diameters taken for semi-axes.

## 2. Compute features

Four numbers decide what the features mean: how finely directions (max_angular) and distances (max_radial) are resolved, the width of the radial functions, and how far a particle
sees (cutoff radius). Lengths are in the unit of the file. For your own data, ask what they could be: each comes with its reason, and the shell prints the whole command to begin with
([choose hyperparameters](hyperparameters.fsx)).

**Shell**

```bash
anisoap suggest nematic.extxyz.gz
```

**F#**
*)
open AniSoap.Analysis

let suggestion = Suggestion.ofFrames Suggestion.defaults nematic |> Result.orFail

for value in suggestion.Values do
    printfn "%s = %s" value.Name value.Value
(*** include-output ***)

(**
**C#**

```csharp
var suggestion = Suggestion.For(nematic);
foreach (var value in suggestion.Values)
    Console.WriteLine($"{value.Name} = {value.Value}");
```

Six frames of one phase are best described so. Here all three phases are compared, with a longer view and a finer basis of distances.

**Shell**

```bash
anisoap power-spectrum isotropic.extxyz.gz nematic.extxyz.gz smectic.extxyz.gz \
    --max-angular 6 --max-radial 4 --radial-gaussian-width 1.5 --cutoff-radius 4 -o spectrum.csv
```

**F#**
*)
let frames = List.concat [ read "isotropic"; nematic; read "smectic" ]
let hypers = Hypers.gto 6 4 1.5 4.0 // max_angular, max_radial, width, cutoff radius

let projection = Projection.ofFrames hypers frames |> Result.orFail
let features = (PowerSpectrum.mean projection frames |> Result.orFail).Blocks[0]
printfn "%d rows × %d columns" features.Samples.Count features.Properties.Count
(*** include-output ***)

(**
**C#**

```csharp
var frames = FrameFile.ReadMany(["isotropic.extxyz.gz", "nematic.extxyz.gz", "smectic.extxyz.gz"]).ToList();
var hypers = Hypers.Gto(maxAngular: 6, maxRadial: 4, width: 1.5, cutoffRadius: 4.0);
var projection = Projection.Create(hypers, frames);
TensorBlock features = projection.PowerSpectrum(frames, options: RunOptions.Of(threads: 2))[0];
Console.WriteLine($"{features.Samples.Count} rows × {features.Properties.Count} columns");
```

A row is the mean over the particles of a frame: the isotropic frames first, then the nematic, then the smectic ones. For a row a particle, ask for `--per-particle`,
`PowerSpectrum.perParticle` or `meanOverSamples: false`.

## 3. Compare

How alike are two frames? Take the distance between their rows, each divided by its length, so that the density, which is most of a row's size, does not decide. Here is that of each
frame of a phase with the frames of another, times 1,000 in F# and C#.

**Shell**

```bash
anisoap compare nematic.extxyz.gz smectic.extxyz.gz --normalize-rows --hypers spectrum.csv
anisoap compare isotropic.extxyz.gz nematic.extxyz.gz smectic.extxyz.gz --normalize-rows --hypers spectrum.csv -o distances.html
```

**F#**
*)
open AniSoap.Learning

let rows = Matrix.ofBlock features |> Result.bind Comparison.normalize |> Result.orFail
let distances = Comparison.distances Kernel.Linear rows rows |> Result.orFail

for phase, number in [ "isotropic", 0; "nematic", 7; "smectic", 12 ] do
    printfn "%-9s %5.2f" phase (1000.0 * distances[number, 6])
(*** include-output ***)

(**
**C#**

```csharp
var rows = Learn.NormalizeRows(Learn.Rows(features.Values, features.Properties.Count));
var distances = Learn.Distances(Learn.LinearKernel, rows, rows);
foreach (var (phase, number) in new[] { ("isotropic", 0), ("nematic", 7), ("smectic", 12) })
    Console.WriteLine($"{phase,-9} {1000 * distances[number, 6],5:F2}");
```

The first nematic frame (row 6) is nearest to another nematic one; the smectic one follows, the isotropic one is far. The first command prints the matrix of two files; the second draws all
18 frames with each other, three dark squares along the diagonal. `--measure similarity` gives cosines, `--kernel gaussian` other kernels,
`--per-particle` compares particles, and `-o distances.npz` writes the matrix for other programs. The table `spectrum.csv` itself goes into any program for statistics.

## 4. See it

A map of all frames, near to each other where their features are alike: a click on a point shows its frame. And the nematic frames as ellipsoids, with a slider. Both are web pages of one file: open them by a double click.

```bash
anisoap plot map isotropic.extxyz.gz nematic.extxyz.gz smectic.extxyz.gz -o map.html \
    --max-angular 6 --max-radial 4 --radial-gaussian-width 1.5 --cutoff-radius 4
anisoap plot frame nematic.extxyz.gz -o frame.html
```

![Five hundred ellipsoids in a cubic cell, most of them along one direction](images/frame.png)

[Pictures](pictures.md) has more of them, from F# as well.

## 5. More than fits into memory

Features of files go straight into a file, in bounded memory and on all processors. It carries the hyperparameters: what made it can be loaded again, and used for other frames.

**Shell**

```bash
anisoap power-spectrum isotropic.extxyz.gz smectic.extxyz.gz --hypers spectrum.csv -o streamed.npz
```

**F#**

*)
let phases = [ for phase in [ "isotropic"; "smectic" ] -> Path.Combine(folder, phase + ".extxyz.gz") ]
let streamed = Path.Combine(Path.GetTempPath(), "streamed.npz")
let writing = { FeatureRun.defaults with Write = WriteOptions.replacing }
let statistics = FeatureRun.meanSpectra writing hypers phases streamed |> Result.orFail
let loaded = Hypers.load streamed |> Result.orFail
printfn "%d frames; the same hyperparameters: %b" statistics.Frames (loaded = hypers)
(*** include-output ***)

(**
**C#**

```csharp
var stream = Features.FromFiles(["isotropic.extxyz.gz", "smectic.extxyz.gz"], hypers, options: RunOptions.Of(threads: 0));
await foreach (var row in stream.RowsAsync()) // computed while the last ones are worked on
    Console.WriteLine($"frame {row.Frame}: {row.Values.Span[0]:F6}");
await stream.WriteAsync("streamed.npz", overwrite: true);
var loaded = Hypers.Load("streamed.npz");
```

Where one frame after another comes from elsewhere, say a simulation that goes on, an engine computes each into an array of yours, and allocates nothing meanwhile.

**F#**

*)
let engine = Engine.Create(projection, 1) |> Result.orFail
let values = Array.zeroCreate<float>(engine.SpectrumLength OrderedPairs)
engine.MeanSpectrum(nematic[0], OrderedPairs, values) |> Result.orFail
printfn "%.6f" values[0]
(engine :> System.IDisposable).Dispose()
(*** include-output ***)

(**
**C#**

```csharp
using var engine = loaded.CreateEngine(species: stream.Projection.Species);
var values = new double[engine.SpectrumLength(SpectrumColumns.OrderedPairs)];
engine.MeanSpectrum(nematic[0], SpectrumColumns.OrderedPairs, values);
Console.WriteLine($"{values[0]:F6}");
```

## 6. Go on

* [Comparing phases](scripts/phases.fsx) finds the three phases without being told that there are three.
* [From dimers to a running potential](scripts/potential.fsx) learns forces and torques, and moves an ellipsoid by them.
* [Conventions](conventions.md) says what each column is, [theory](theory.md) where it comes from.
* Your own trajectory: from [LAMMPS](from-lammps.md), from [HOOMD-blue](from-hoomd.md), or any extended XYZ file with orientations and diameters.
* Energies, forces and torques: [gradients](gradients.fsx).
*)
