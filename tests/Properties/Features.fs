/// The library's features of a frame as plain arrays, and hyperparameters in the library's and in the slow twin's words.
module AniSoap.Tests.Features

open AniSoap
open AniSoap.Tests.Golden

/// The species of the random frames.
let species = [ 1; 6; 7; 8 ]

/// Orthonormal functions whose overlaps have no eigenvalue below 1e-4, and a cutoff beyond narrow cells.
let smallHypers = { Hypers.create 4 (RadialBasis.Gto 1.5) 4.0 with MaxRadial = RadialCount.Uniform 2 }

let projectionOf hypers = Projection.create hypers species |> sure

let small = projectionOf smallHypers

/// For every particle of the frame its place among those of its species.
let private places (frame: Frame) =
    let kinds = frame.Particles |> Seq.map _.Species |> Seq.toArray

    kinds
    |> Array.mapi (fun i kind -> kind, kinds[.. i - 1] |> Array.filter ((=) kind) |> Array.length)

/// A map's rows of one particle: l slowest, then m, then the columns.
let coefficientRows (projection: Projection) (map: TensorMap) (frame: Frame) =
    let blocks =
        dict [
            for l in 0 .. projection.Hypers.MaxAngular do
                for s in projection.Species do
                    (l, s), map |> TensorMap.block [ "o3_lambda", l; "center_type", s ] |> sure
        ]

    places frame
    |> Array.map (fun (s, place) -> [|
        for l in 0 .. projection.Hypers.MaxAngular do
            for m in 0 .. 2 * l do
                yield! blocks[l, s].Row(place, m).ToArray()
    |])

/// Orthonormal coefficients of every particle, [particle]: l slowest, then m, then n, species fastest.
let coefficients projection frame =
    coefficientRows projection (Expansion.coefficients projection [ frame ] |> sure) frame

/// The power spectrum of every particle.
let spectra (projection: Projection) frame =
    let map = PowerSpectrum.perParticle projection [ frame ] |> sure

    let blocks =
        dict [ for s in projection.Species -> s, map |> TensorMap.block [ "center_type", s ] |> sure ]

    places frame |> Array.map (fun (s, place) -> blocks[s].Row(place, 0).ToArray())

/// The values of the mean power spectrum, species after species.
let meanSpectrum projection frame = PowerSpectrum.mean projection [ frame ] |> sure |> values

/// A flat row of coefficients as the twin has them: for each species [l][m + l][n].
let unflatten (projection: Projection) (row: float[]) : float[][][][] =
    let kinds = projection.Channels.Length
    let mutable at = 0

    let blocks =
        Array.init (projection.Hypers.MaxAngular + 1) (fun l ->
            Array.init (2 * l + 1) (fun _ ->
                let columns = projection.RadialCount l * kinds
                at <- at + columns
                row[at - columns .. at - 1]))

    Array.init kinds (fun t ->
        blocks
        |> Array.mapi (fun l ->
            Array.map (fun (columns: float[]) ->
                Array.init (projection.RadialCount l) (fun n -> columns[n * kinds + t]))))

/// One pair's coefficients: l slowest, then m, then n.
let pairRow (projection: Projection) (c: Coefficients) = [|
    for l in 0 .. projection.Hypers.MaxAngular do
        for m in -l .. l do
            for n in 0 .. projection.RadialCount l - 1 do
                c[l, m, n]
|]

/// The same hyperparameters for the slow twin.
let settingsOf (hypers: Hypers) : Reference.Settings = {
    Radial =
        match hypers.RadialBasis with
        | RadialBasis.Gto width -> Reference.Gto width
        | RadialBasis.Monomial -> Reference.Monomial hypers.CutoffRadius
    RadialCounts = HyperRules.maxRadialPerAngular hypers |> Array.map (fun n -> n + 1)
    Functions = Reference.Orthonormal hypers.BasisRcond
    Cutoff = hypers.CutoffRadius
    WithCentre = not hypers.SubtractCenterContribution
    PairWeight = PairGaussian.neighborWeight hypers
}

/// Both bases, every kind of radial count, with and without the centre, smoothing and radial scaling.
let manyHypers = [|
    for basis in [ RadialBasis.Gto 1.5; RadialBasis.Gto 0.6; RadialBasis.Monomial ] do
        for count in [ RadialCount.Coupled; RadialCount.Uniform 1; RadialCount.PerAngular [ 2; 0; 1; 3 ] ] do
            for withoutCentre in [ false; true ] do
                for smoothing in [ Smoothing.Step; Smoothing.ShiftedCosine 1.2 ] do
                    for scaling in [ None; Some { Scale = 2.0; Rate = 1.5; Exponent = 3.0 } ] ->
                        {
                            Hypers.create 3 basis 3.0 with
                                MaxRadial = count
                                CenterDensity =
                                    if withoutCentre then
                                        CenterDensity.Absent
                                    else
                                        CenterDensity.Merged
                                Smoothing = smoothing
                                RadialScaling = scaling
                        }
|]

let manyProjections = manyHypers |> Array.map projectionOf

/// The projection that a random number stands for.
let pick (number: int) = manyProjections[(number &&& 0xFFFFFF) % manyProjections.Length]

/// Row after row within the tolerance of the largest expected value of all rows.
let allToLargest tolerance (actual: float[][]) (expected: float[][]) message =
    Close.toLargest tolerance (Array.concat actual) (Array.concat expected) message
