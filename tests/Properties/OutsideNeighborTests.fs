/// Neighbours from outside, as a simulation program has them: images as particles of their own, lists with a skin, centres that are some of the particles.
module AniSoap.Tests.OutsideNeighborTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

/// A frame with its images as particles of their own, in no cell: the particles first, then every image within `reach` of one of them. Says of each whose image it is.
let withGhosts (reach: float) (frame: Frame) : Frame * int[] =
    let own = frame.Particles |> Seq.toArray
    let basis = frame.Cell.Basis
    let rows = Matrix3.transpose (Matrix3.inverse basis)
    let p = frame.Cell.Periodicity

    let images (row: Vector3) repeats =
        if not repeats then
            [ 0 ]
        else
            let along = own |> Array.map (fun particle -> Vector3.dot row particle.Position)
            let most = int (ceil (reach * Vector3.norm row + Array.max along - Array.min along))
            [ -most .. most ]

    let ghosts = [
        for a in images rows.Row1 p.A do
            for b in images rows.Row2 p.B do
                for c in images rows.Row3 p.C do
                    if (a, b, c) <> (0, 0, 0) then
                        let shift = float a * basis.Row1 + float b * basis.Row2 + float c * basis.Row3

                        for i in 0 .. own.Length - 1 do
                            let place = own[i].Position + shift

                            if own |> Array.exists (fun other -> Vector3.norm (place - other.Position) < reach) then
                                i, Ellipsoid.create own[i].Species place own[i].Orientation own[i].SemiAxes |> sure
    ]

    Frame.create Cell.none (Array.append own (ghosts |> List.map snd |> List.toArray)),
    Array.append [| 0 .. own.Length - 1 |] (ghosts |> List.map fst |> List.toArray)

/// The list of some centres: all within a skin beyond the cutoff, the centre too, last first.
let listFor (reach: float) (centers: int[]) (frame: Frame) =
    let table = NeighborTable()

    let lists =
        centers
        |> Array.map (fun center -> [|
            for j in frame.Particles.Length - 1 .. -1 .. 0 do
                if Vector3.norm (frame.Particles[j].Position - frame.Particles[center].Position) < reach then
                    j
        |])

    let starts = lists |> Array.map _.Length |> Array.scan (+) 0

    table.Fill(ReadOnlyMemory centers, ReadOnlyMemory starts, ReadOnlyMemory(Array.concat lists))
    |> sure

    table

let private spectra (engine: Engine) perParticle rows frame (neighbors: INeighbors) =
    let values = Array.create (rows * engine.SpectrumLength OrderedPairs) nan

    (if perParticle then
         engine.ParticleSpectra(frame, OrderedPairs, Memory values, neighbors)
     else
         engine.MeanSpectrum(frame, OrderedPairs, Memory values, neighbors))
    |> sure

    values

let private frame =
    Frame.create Cell.none [ for x in 0..2 -> Ellipsoid.sphere 1 (Vector3.create (float x) 0.0 0.0) 0.5 |> sure ]

[<Tests>]
let tests =
    testList "neighbours from outside" [
        property "with images as ghosts give the spectra of the periodic frame"
        <| fun (SmallFrame frame) ->
            let reach = small.Hypers.CutoffRadius + 0.3
            use engine = Engine.Create(small, 1) |> sure
            let all, _ = withGhosts reach frame
            let own = [| 0 .. frame.Particles.Length - 1 |]
            let list = listFor reach own all

            Close.toLargest
                1e-13
                (spectra engine true own.Length all list)
                (EngineTests.particles engine OrderedPairs frame)
                "particles"

            Close.toLargest 1e-13 (spectra engine false 4 all list) (EngineTests.mean engine OrderedPairs frame) "means"

        property "may name some of the particles as centres, in any order: the same rows"
        <| fun (SmallFrame frame) (number: int) ->
            let reach = small.Hypers.CutoffRadius
            use engine = Engine.Create(small, 2) |> sure
            let open' = Frame.create Cell.none frame.Particles
            let all = [| 0 .. open'.Particles.Length - 1 |]
            let some = all |> Array.filter (fun i -> (i * 7 + number) % 3 <> 0) |> Array.rev
            let rows = spectra engine true all.Length open' (listFor reach all open')
            let size = engine.SpectrumLength OrderedPairs

            Expect.equal
                (spectra engine true some.Length open' (listFor reach some open'))
                (some |> Array.collect (fun i -> rows[i * size .. (i + 1) * size - 1]))
                "rows"

        testCase "that are no particles are refused, as centres and as neighbours"
        <| fun () ->
            use engine = Engine.Create(small, 1) |> sure
            let values = Array.zeroCreate<float>(engine.SpectrumLength OrderedPairs)

            for center, neighbor in [ 3, 0; -1, 0; 0, 3; 1, -1 ] do
                let table = NeighborTable()

                table.Fill(ReadOnlyMemory [| center |], ReadOnlyMemory [| 0; 1 |], ReadOnlyMemory [| neighbor |])
                |> sure

                Expect.stringContains
                    (Tensors.sentence (engine.ParticleSpectra(frame, OrderedPairs, Memory values, table)))
                    "numbers of particles of the frame"
                    $"centre {center}, neighbour {neighbor}"

        testCase "whose beginnings do not ascend are refused"
        <| fun () ->
            for starts in [ [| 0; 2; 1 |]; [| 1; 1; 2 |]; [| 0; 1 |]; [| 0; 1; 4 |] ] do
                Expect.isError
                    (NeighborTable()
                        .Fill(ReadOnlyMemory [| 0; 1 |], ReadOnlyMemory starts, ReadOnlyMemory [| 1; 0; 2 |]))
                    $"%A{starts}"
    ]
