(**
---
title: Choose hyperparameters
category: How to
categoryindex: 2
index: 1
---

# Choose hyperparameters

Four numbers decide what the features mean. All lengths are in the unit of your file.

| option of the program | in F# | meaning | start with |
|---|---|---|---|
| `--cutoff-radius` | `CutoffRadius` | how far a particle sees | the distance that takes in the first shell of neighbours, measured along the long axis |
| `--radial-gaussian-width` | `Gto width` | width σ of the radial functions | half the length of the particles; the functions must reach the cutoff |
| `--max-radial` | `MaxRadial` | largest radial index n: how finely distances are resolved | 3 or 4 |
| `--max-angular` | `MaxAngular` | largest angular momentum l: how finely directions are resolved | 4; more for long particles |

Or let the program look at your file. It prints a whole command, the reason for every number in it, and the memory and time that the run will take:

```bash
anisoap suggest nematic.extxyz.gz
```

The cutoff takes in the first shell: neighbours that touch when the particles are grown to 1.5 times what the nearest need. Widths and sizes of the basis are tried on the surroundings of
some particles, and the smallest basis is taken that holds nine tenths of what the largest holds of the neighbours' density (of the part beyond l = 0, which tells directions apart), with
at most 2,000 columns (`--max-columns`). `--json` prints the same for programs. In F# it is `Suggestion.ofFrames`, in C# `Suggestion.For(frames)`.

The rest has good defaults. Then let numbers decide, as below. In the end what counts is the error of the model that is trained on the features: compute them for two or three
choices and compare.
*)
#r "nuget: AniSoap"

open System.IO
open AniSoap

let frame =
    Path.Combine(__SOURCE_DIRECTORY__, "data", "gay-berne", "nematic.extxyz.gz")
    |> FrameFile.read
    |> Seq.head
    |> Result.orFail

(**
## How many features?

With k radial functions for each l and s species, a spectrum has (l + 1) (k s)² columns: the number grows with the square of radial functions and species, but only in
proportion to l. max_radial = n means n + 1 functions.
*)
let count maxAngular maxRadial =
    let hypers = Hypers.gto maxAngular maxRadial 1.5 4.0
    let projection = Projection.create hypers (Frame.species frame) |> Result.orFail
    (SpectrumColumns.properties OrderedPairs projection).Count

printfn "max_angular  max_radial 2   4   6"

for maxAngular in [ 2; 4; 6; 9 ] do
    printfn "%11d  %12d %3d %3d" maxAngular (count maxAngular 2) (count maxAngular 4) (count maxAngular 6)
(*** include-output ***)

(**
Half of them are duplicates, (n, n') and (n', n). `UnorderedPairs` keeps each once, with the same dot products between rows.

## Which l still matters?

The sum over m of |c_nlm|² is the power of the density in the angular momentum l. Compute a large expansion once and see where it has become small.
*)
let powerByAngular width cutoff =
    let hypers = Hypers.gto 10 3 width cutoff
    let projection = Projection.create hypers (Frame.species frame) |> Result.orFail
    let expansion = Expansion.coefficients projection [ frame ] |> Result.orFail

    let power = [| for block in expansion.Blocks -> block.Values.ToArray() |> Array.sumBy (fun c -> c * c) |]

    power |> Array.map (fun p -> 100.0 * p / Array.sum power)

printfn "share of the power in each l, per cent, by cutoff radius"
printfn "cutoff %s" (String.concat "" [ for l in 0..10 -> $"{l, 8}" ])

for cutoff in [ 2.0; 3.0; 4.0; 5.0 ] do
    printfn "%6.1f %s" cutoff (String.concat "" [ for share in powerByAngular 1.5 cutoff -> $"{share, 8:F3}" ])
(*** include-output ***)

(**
Nearly everything is l = 0, the number of neighbours; what tells structures apart is in the rest. These particles are thin, so shares fall slowly, and the more slowly the
farther a particle sees: no l is the last that matters. At a cutoff of 4, three quarters of what is not l = 0 lie in l = 1 to 6.

## Is the basis sound?

The radial functions overlap, and the more there are, the closer they come to being linearly dependent. The smallest eigenvalue of their overlap says how close.
Functions whose eigenvalue is not above `basis_rcond` (1e-8) are left out: then there are fewer than you asked for, and a smaller `max_radial` gives as much.
*)
printfn "max_radial  smallest eigenvalue (l = 0)  functions kept"

for maxRadial in [ 2; 4; 6; 8 ] do
    let hypers = Hypers.gto 4 maxRadial 1.5 4.0

    match Projection.create hypers [ 1 ] with
    | Ok projection ->
        let radial = projection.RadialFunctions
        printfn "%10d  %27.1e  %d of %d" maxRadial (radial.Eigenvalues 0).Head (radial.Rank 0) (maxRadial + 1)
    | Error error -> printfn "%10d  %s" maxRadial (AniSoapError.describe error)
(*** include-output ***)

(**
`anisoap inspect FILE` shows the same for your file, together with the sizes of the particles and warnings of likely mistakes.

## Warnings

Some choices give numbers that do not mean what they were meant to. `anisoap` says so on standard error, once a run, wherever it makes numbers (`power-spectrum`,
`expansion`, `plot`) and in `inspect`; `--quiet` leaves it out, and the exit code stays 0:

| found | likely cause |
|---|---|
| no particle has a neighbour within the cutoff | another unit of length, or a cutoff below the distance of the particles |
| a cutoff shorter than the longest axis | particles that touch end to end do not see each other |
| particles that touch when shrunk to about half, or grown to about twice, their size | diameters taken for semi-axes, or the other way round (`--shape-as`) |
| particles that overlap, and would not with the quaternions' numbers in the other order | `--orientation-order` |
| other overlapping particles | the shapes, or soft particles |
| no particle of a species is turned | orientations that were not read |
| radial functions that are dropped | too large a `max_radial`: some columns are combinations of others |
| a Gaussian width above the cutoff | radial functions that hardly tell distances apart |
| radial functions that end before the nearest neighbour | too small a Gaussian width |

Some of the particles are looked at, about one in 250 after the first hundred, so it costs next to nothing. In a script, `Suspicion.ofFrames projection frames` (`open AniSoap.Analysis`) gives the same as
values, each with its kind, its sentence and its place (frame and particle); `SuspicionWatch` looks at frames as they pass.

## Smooth cutoff

Without `Smoothing` (`--cutoff-smoothing-width`) a neighbour counts in full up to the cutoff and not at all beyond. That is how the Python package does it, and fine for
comparing structures. For forces, and for models that will see particles move, let neighbours fade over the last half unit or so.
*)
