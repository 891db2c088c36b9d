/// The fast ways of couplings, pairs and neighbour lists against slow ones: exact sums, loops over everything, one pair at a time.
module AniSoap.Tests.FastPathTests

open System
open System.Threading
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Tensors

let private table = ClebschGordan.create 18 |> sure

/// All (2 l1 + 1)(2 l2 + 1)(2 L + 1) coefficients, zeros included.
let private dense l1 l2 l =
    let values = Array.zeroCreate ((2 * l1 + 1) * (2 * l2 + 1) * (2 * l + 1))

    for term in table.TermsOf(l1, l2, l) do
        values[((term.M1 + l1) * (2 * l2 + 1) + term.M2 + l2) * (2 * l + 1) + term.M + l] <- term.Value

    values

let private exact l1 l2 l = AniSoap.Reference.Racah.real l1 l2 l |> Array.collect (Array.collect id)

let private clebschGordan =
    testList "Clebsch-Gordan coefficients" [
        testCase "are Racah's exact sums to 1e-14 for all l up to 4"
        <| fun () ->
            for l1 in 0..4 do
                for l2 in 0..4 do
                    for l in abs (l1 - l2) .. min 4 (l1 + l2) do
                        Close.within 1e-14 1.0 (dense l1 l2 l) (exact l1 l2 l) $"{l1} {l2} {l}"

        // Small L from large l1 and l2 is where the lowering operator loses digits.
        for l1, l2, l in [ 18, 18, 0; 18, 18, 5; 18, 17, 4; 12, 18, 7; 18, 9, 9; 18, 10, 18; 18, 18, 18; 13, 18, 12 ] do
            testCase $"are Racah's exact sums to 1e-14 at l1 {l1}, l2 {l2}, L {l}"
            <| fun () -> Close.within 1e-14 1.0 (dense l1 l2 l) (exact l1 l2 l) "coefficients"

        testCase "of all L of two l are orthonormal to 1e-14"
        <| fun () ->
            for l1, l2 in [ 9, 9; 4, 14; 1, 17; 0, 18; 3, 9 ] do
                let size = 2 * l2 + 1
                let all = [| for l in abs (l1 - l2) .. l1 + l2 -> dense l1 l2 l, 2 * l + 1 |]

                let product row1 row2 =
                    all
                    |> Array.sumBy (fun (c, width) ->
                        Seq.sum (Seq.init width (fun m -> c[row1 * width + m] * c[row2 * width + m])))

                for row in 0 .. (2 * l1 + 1) * size - 1 do
                    let other = (row * 7 + 3) % ((2 * l1 + 1) * size)
                    Close.within 1e-14 1.0 [| product row row |] [| 1.0 |] $"norm of {row} at {l1}, {l2}"

                    if other <> row then
                        Close.within 1e-14 1.0 [| product row other |] [| 0.0 |] $"{row} and {other} at {l1}, {l2}"

        testCase "are listed by m1, m2 and M, and there are none beyond the limits"
        <| fun () ->
            for l1, l2, l in [ 3, 5, 4; 5, 3, 4; 6, 6, 7; 18, 18, 18 ] do
                let keys =
                    table.TermsOf(l1, l2, l)
                    |> Seq.map (fun t -> struct (t.M1, t.M2, t.M))
                    |> Seq.toArray

                Expect.sequenceEqual keys (Array.sort keys) "order"
                Expect.equal (Array.distinct keys).Length keys.Length "once each"

            for l1, l2, l in [ 19, 1, 18; 1, 1, 3; 4, 1, 2; -1, 0, 1; 0, 0, -1; 10, 10, 19 ] do
                Expect.isTrue (table.TermsOf(l1, l2, l)).IsEmpty $"{l1} {l2} {l}"
    ]

/// Two maps over three samples with one block for each l, as many columns as told; numbers from a seed.
let private randomMap (seed: int) (columns: int list) : TensorMap =
    let random = Random seed

    let blocks =
        columns
        |> List.mapi (fun l count ->
            let samples = Labels.create [ "system"; "atom" ] [ for i in 0..36 -> [ 0; i ] ] |> sure
            let m = Labels.create [ "o3_mu" ] [ for m in -l .. l -> [ m ] ] |> sure

            let n =
                Labels.create [ "n"; "neighbor_type" ] [ for n in 0 .. count - 1 -> [ n; 1 ] ]
                |> sure

            TensorBlock.create
                samples
                [ m ]
                n
                (Array.init (37 * (2 * l + 1) * count) (fun _ -> random.NextDouble() - 0.5))
            |> sure)

    let keys =
        Labels.create [ "o3_lambda"; "o3_sigma"; "center_type" ] [ for l in 0 .. columns.Length - 1 -> [ l; 1; 1 ] ]
        |> sure

    TensorMap.create keys blocks |> sure

let private value (map: TensorMap) l sample m column =
    let block =
        map
        |> TensorMap.block [ "o3_lambda", l; "o3_sigma", 1; "center_type", 1 ]
        |> sure

    block.Row(sample, m)[column]

let private products =
    testList "products" [
        // Of a map with itself every number stands in two places.
        for left, right, isItself in
            [
                [ 4; 4; 4 ], [ 4; 4; 4 ], false
                [ 4; 4; 4 ], [ 4; 4; 4 ], true
                [ 1; 3; 2 ], [ 5; 1; 7 ], false
                [ 5; 1; 7 ], [ 5; 1; 7 ], true
                [ 3; 6; 2 ], [ 3; 6; 2 ], true
                [ 17; 2; 13 ], [ 6; 3; 70 ], false
                [ 3 ], [ 2; 0; 5 ], false
            ] do
            let what =
                if isItself then
                    $"itself with {left}"
                else
                    $"another, with {left} and {right}"

            testCase $"are sums over all m with the exact coefficients, of a map and {what} columns"
            <| fun () ->
                let a = randomMap 3 left
                let b = if isItself then a else randomMap 4 right
                let product = Product.couplings table (Product.upTo 3) a b |> sure

                for key, block in TensorMap.toSeq product do
                    let l = key["o3_lambda"]

                    for column in block.Properties do
                        let l1, l2 = column["l_1"], column["l_2"]
                        let c = AniSoap.Reference.Racah.real l1 l2 l

                        // Every lane, and the last group, which is not whole.
                        for sample in [ 0; 1; 2; 3; 12; 13; 14; 15; 17; 36 ] do
                            let expected =
                                Array.init (2 * l + 1) (fun m ->
                                    Seq.sum (
                                        seq {
                                            for m1 in 0 .. 2 * l1 do
                                                for m2 in 0 .. 2 * l2 do
                                                    c[m1].[m2].[m]
                                                    * value a l1 sample m1 column["n_1"]
                                                    * value b l2 sample m2 column["n_2"]
                                        }
                                    ))

                            let ours = Array.init (2 * l + 1) (fun m -> block.Row(sample, m)[column.Position])
                            Close.within 1e-13 1.0 ours expected $"L {l}, column {column.Position}"

        testCase "are the same bits on any number of threads"
        <| fun () ->
            let a, b = randomMap 5 [ 4; 3; 9; 2 ], randomMap 6 [ 2; 5; 1; 11 ]
            let one = Product.couplingsOn 1 table (Product.upTo 4) a b |> sure

            for threads in [ 2; 3; 8 ] do
                let many = Product.couplingsOn threads table (Product.upTo 4) a b |> sure

                for (_, x), (_, y) in Seq.zip (TensorMap.toSeq one) (TensorMap.toSeq many) do
                    Expect.isTrue (x.Values.SequenceEqual y.Values) $"{threads} threads"
    ]

/// Rows of the pairs in the order of the samples: labels, then all coefficients by l, m and n, out of the blocks of one kind after another.
let private pairRows (projection: Projection) (map: TensorMap) = [
    for first in projection.Species do
        for second in projection.Species do
            let blocks = [
                for l in 0 .. projection.Hypers.MaxAngular do
                    map
                    |> TensorMap.block [ "o3_lambda", l; "first_atom_type", first; "second_atom_type", second ]
                    |> sure
            ]

            for sample in blocks.Head.Samples do
                sample.Values.ToArray(),
                [|
                    for block in blocks do
                        for m in 0 .. block.ComponentCount - 1 do
                            yield! block.Row(sample.Position, m).ToArray()
                |]
]

let private pairs threads form projection frames =
    Expansion.pairCoefficientsWith
        { Systems.ofPairs frames with Threads = threads }
        form
        projection
        (Seq.map snd frames)
    |> sure

let private hypersOf number =
    let smoothing =
        if number &&& 1 = 0 then
            Smoothing.Step
        else
            Smoothing.ShiftedCosine 0.9

    let basis =
        if number &&& 2 = 0 then
            RadialBasis.Gto 1.5
        else
            RadialBasis.Monomial

    {
        Hypers.create 4 basis 3.5 with
            MaxRadial = RadialCount.Uniform(1 + (number &&& 1))
            Smoothing = smoothing
            CenterDensity =
                (if number &&& 4 = 4 then
                     CenterDensity.Absent
                 else
                     CenterDensity.Merged)
    }

let private pairTests =
    testList "coefficients of pairs" [
        propertyTimes 30 "are those of one pair at a time, in the order of centre, neighbour and shift"
        <| fun (SmallFrame frame) (number: int) ->
            let projection = Projection.create (hypersOf number) [ 1; 6; 7; 8 ] |> sure

            let form =
                if number &&& 8 = 0 then
                    RadialForm.Orthonormal
                else
                    RadialForm.Raw

            let found = pairs 1 form projection [ 3, frame ] |> pairRows projection
            let v = frame.Cell.Vectors

            let expectedLabels = [|
                for pair in NeighborList.create 3.5 frame |> sure do
                    [| 3; pair.First; pair.Second; pair.ShiftA; pair.ShiftB; pair.ShiftC |]

                if not projection.Hypers.SubtractCenterContribution then
                    for i in 0 .. frame.Particles.Length - 1 do
                        [| 3; i; i; 0; 0; 0 |]
            |]

            Expect.sequenceEqual
                (found |> Seq.map fst |> Seq.sort |> Seq.map Seq.toList)
                (expectedLabels |> Seq.sort |> Seq.map Seq.toList)
                "pairs"

            for kind, rows in
                found
                |> List.groupBy (fun (label, _) -> frame.Particles[label[1]].Species, frame.Particles[label[2]].Species) do
                let labels = rows |> List.map (fst >> Array.toList)
                Expect.sequenceEqual labels (List.sort labels) $"order in {kind}"

            for label, row in found do
                let neighbor = frame.Particles[label[2]]

                let r =
                    neighbor.Position - frame.Particles[label[1]].Position
                    + (float label[3] * v.Row1 + float label[4] * v.Row2 + float label[5] * v.Row3)

                let c = Coefficients.ofForm form projection neighbor r

                let expected = [|
                    for l in 0 .. projection.Hypers.MaxAngular do
                        for m in -l .. l do
                            for n in 0 .. projection.RadialCount l - 1 do
                                c[l, m, n]
                |]

                let largest = expected |> Array.fold (fun most x -> max most (abs x)) 1e-30
                Close.within 1e-13 largest row expected $"pair {label}"

        propertyTimes 10 "are the same bits on any number of threads, and frames follow each other"
        <| fun (SomeFrame frame) (SmallFrame other) (number: int) ->
            let projection = Projection.create (hypersOf number) [ 1; 6; 7; 8 ] |> sure
            let frames = [ 4, frame; 2, other; 7, frame ]
            let one = pairs 1 RadialForm.Orthonormal projection frames

            for threads in [ 2; 5 ] do
                sameMap (pairs threads RadialForm.Orthonormal projection frames) one $"{threads} threads"

            let apart =
                frames
                |> List.map (fun single -> pairs 1 RadialForm.Orthonormal projection [ single ] |> pairRows projection)

            Expect.equal
                (List.sort (List.concat apart |> List.map (fst >> Array.toList)))
                (List.sort (pairRows projection one |> List.map (fst >> Array.toList)))
                "rows of all frames"

        testCase "can be stopped"
        <| fun () ->
            let sphere = Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure
            let projection = Projection.create (hypersOf 0) [ 1 ] |> sure
            use source = new CancellationTokenSource()
            source.Cancel()

            Expect.throwsT<OperationCanceledException>
                (fun () ->
                    Expansion.pairCoefficientsWith
                        { RunOptions.threads 2 with Cancellation = source.Token }
                        RadialForm.Orthonormal
                        projection
                        [ Frame.create Cell.none [ sphere ] ]
                    |> ignore)
                "stopped"
    ]

/// Particles in random order in a periodic cube of the density 0.36.
let private gas (seed: int) count =
    let random = Random seed
    let edge = Math.Cbrt(float count / 0.36)
    let coordinate () = edge * random.NextDouble()

    let cell =
        Cell.create (Vector3.create edge 0.0 0.0) (Vector3.create 0.0 edge 0.0) (Vector3.create 0.0 0.0 edge) {
            A = true
            B = true
            C = true
        }
        |> sure

    Frame.create cell [
        for _ in 1..count ->
            Ellipsoid.sphere 1 (Vector3.create (coordinate ()) (coordinate ()) (coordinate ())) 0.5
            |> sure
    ]

let private neighborTests =
    testList "the neighbour list" [
        testCase "of many particles in random order is that of single visits, centre by centre in order"
        <| fun () ->
            // More pairs than one piece of the list holds.
            for count, cutoff in [ 9000, 2.0; 700, 5.0; 40, 9.0 ] do
                let frame = gas count count
                let list = NeighborList.create cutoff frame |> sure
                let visited = ResizeArray<NeighborPair>()

                NeighborList.visit Limits.defaults cutoff visited.Add frame |> sure

                let key (pair: NeighborPair) = struct (pair.First, pair.Second, pair.ShiftA, pair.ShiftB, pair.ShiftC)

                let expected = visited |> Seq.sortBy key |> Seq.toArray
                Expect.equal list.Length expected.Length $"pairs of {count}"

                for i in 0 .. expected.Length - 1 do
                    if
                        key list[i] <> key expected[i]
                        || list[i].Displacement <> expected[i].Displacement
                    then
                        failtest $"pair {i} of {count} is {key list[i]}, expected {key expected[i]}"

        testCase "orders hundreds of images of one neighbour by their shifts"
        <| fun () ->
            let frame = gas 5 2
            let list = NeighborList.create 12.0 frame |> sure

            let keys =
                list
                |> Seq.map (fun pair -> struct (pair.First, pair.Second, pair.ShiftA, pair.ShiftB, pair.ShiftC))
                |> Seq.toArray

            Close.above keys.Length 1000 "pairs"
            Expect.sequenceEqual keys (Array.sort keys) "order"
    ]

[<Tests>]
let tests =
    testList "fast paths give what slow ones do" [ clebschGordan; products; pairTests; neighborTests ]
