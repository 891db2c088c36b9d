/// Labels of the coefficients of centres and pairs.
module internal AniSoap.ExpansionLabels

open System
open System.Collections.Immutable

let private fail message error = failwith (message + ": " + AniSoapError.describe error)

/// A result that cannot fail because the labels come from here.
let sure result =
    match result with
    | Ok value -> value
    | Error error -> fail "labels made by the library are refused" error

/// The components of angular momentum l.
let componentLabels l = Labels.trusted (ImmutableArray.Create "o3_mu") [| -l .. l |]

/// The columns (n, neighbour species) of angular momentum l, n slowest.
let columnLabels (projection: Projection) l =
    Labels.trusted (ImmutableArray.Create("n", projection.ChannelName)) [|
        for n in 0 .. projection.RadialCount l - 1 do
            for channel in projection.Channels do
                n
                channel
    |]

/// The keys of centres' coefficients: every l, and within it every species of the run.
let centerKeys (projection: Projection) =
    Labels.trusted (ImmutableArray.Create("o3_lambda", "o3_sigma", "center_type")) [|
        for l in 0 .. projection.Hypers.MaxAngular do
            for species in projection.Species do
                l
                1
                species
    |]

/// For every particle of every frame its row in the block of its species (−1: not chosen), and each species' samples (system, atom).
let samplesBySpecies (centers: CenterSelection option) (projection: Projection) (frames: (int * Frame)[]) =
    let counts = Array.zeroCreate<int> projection.Species.Length
    let samples = Array.init projection.Species.Length (fun _ -> ResizeArray<int>())

    let rows =
        frames
        |> Array.map (fun (system, frame) ->
            let isCenter: int -> bool =
                match centers with
                | None -> fun _ -> true
                | Some selection ->
                    let chosen = selection.Of system
                    fun particle -> Array.BinarySearch(chosen, particle) >= 0

            Array.init frame.Particles.Length (fun i ->
                if isCenter i then
                    let t = projection.SpeciesIndex(frame.Particles.SpeciesOf i)
                    samples[t].Add system
                    samples[t].Add i
                    counts[t] <- counts[t] + 1
                    counts[t] - 1
                else
                    -1))

    let labels =
        samples
        |> Array.map (fun values -> Labels.trusted (ImmutableArray.Create("system", "atom")) (values.ToArray()))

    rows, labels

/// What tells pairs apart.
let pairSamples =
    ImmutableArray.Create("system", "first_atom", "second_atom", "cell_shift_a", "cell_shift_b", "cell_shift_c")
