/// λ-SOAP row by row in memory that is used again: the numbers of the map.
module AniSoap.Tests.LambdaSoapTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private projection =
    let hypers = {
        Hypers.create 3 (RadialBasis.Gto 1.5) 3.0371 with
            MaxRadial = RadialCount.PerAngular [ 4; 2; 0; 3 ]
    }

    Projection.create hypers [ 1; 2; 6; 7; 8; 30 ] |> sure

/// For some choices of L what computes them, on one thread and on three.
let private all = [|
    for lambdas in [ [ 0; 1; 2; 3 ]; [ 2 ]; [ 4; 1 ] ] do
        let made =
            lazy
                [|
                    for threads in [ 1; 3 ] -> struct (threads, LambdaSoap.Create(lambdas, projection, threads) |> sure)
                |]

        struct (lambdas, made)
|]

let private table = lazy (ClebschGordan.create 4 |> sure)

let private coefficients (frame: Frame) =
    use engine = Engine.Create(projection, 1) |> sure
    let values = Array.create (frame.Particles.Length * engine.CoefficientLength) nan
    engine.Coefficients(frame, RadialForm.Orthonormal, Memory values) |> sure
    values

/// A row of the map for every particle, as `blocks` say where what stands.
let private ofMap lambdas (blocks: LambdaBlock seq) length (frame: Frame) =
    let expansion = Expansion.coefficients projection [ frame ] |> sure
    let map = Product.lambdaSoap table.Value (List.max lambdas) expansion |> sure

    [|
        for i in 0 .. frame.Particles.Length - 1 do
            let row = Array.create length nan

            for block in blocks do
                let values =
                    map
                    |> TensorMap.block [
                        "o3_lambda", block.L
                        "o3_sigma", block.Sigma
                        "center_type", frame.Particles[i].Species
                    ]
                    |> sure

                Expect.equal values.Properties block.Properties "columns"
                let place = values.Samples |> Seq.findIndex (fun sample -> sample[1] = i)
                values.Values.Slice(place * block.Length, block.Length).CopyTo(Span(row, block.From, block.Length))

            row
    |]

let private bits (rows: float[][]) = rows |> Array.map (Array.map BitConverter.DoubleToInt64Bits)

[<Tests>]
let tests =
    testList "λ-SOAP in memory that is there" [
        property "is the map's, bit for bit, on any number of threads, whatever came before"
        <| fun (SomeFrame first) (SmallFrame second) (number: int) ->
            let struct (lambdas, made) = all[(number &&& 0xFFFF) % all.Length]

            for struct (threads, soap) in made.Value do
                for frame in [ second; first; second ] do
                    let given = coefficients frame
                    let expected = ofMap lambdas soap.Blocks soap.Length frame
                    let values = Array.create (frame.Particles.Length * soap.Length) nan
                    soap.Couple(ReadOnlyMemory given, Memory values) |> sure
                    let what = $"L {lambdas}, {threads} threads"
                    Expect.equal (bits (Array.chunkBySize soap.Length values)) (bits expected) $"{what}, memory"
                    let rows = ResizeArray<float[]>()

                    let take =
                        LambdaRowHandler(fun center row ->
                            Expect.equal center rows.Count "in order"
                            rows.Add(row.ToArray()))

                    soap.ForEach(ReadOnlyMemory given, take) |> sure
                    Expect.equal (bits (rows.ToArray())) (bits expected) $"{what}, handed over"

        testCase "refuses memory of another length, calls within calls, and what has no λ-SOAP"
        <| fun () ->
            let soap = LambdaSoap.Create([ 0; 1 ], projection, 1) |> sure
            let sentence result = Tensors.sentence result
            let two = ReadOnlyMemory(Array.zeroCreate<float>(2 * soap.CoefficientLength))
            let short = Memory(Array.zeroCreate<float>(2 * soap.Length - 1))
            Expect.stringContains (sentence (soap.Couple(two, short))) (string (2 * soap.Length)) "values"

            Expect.stringContains
                (sentence (soap.Couple(two.Slice 1, short)))
                (string soap.CoefficientLength)
                "coefficients"

            let inside =
                LambdaRowHandler(fun _ _ ->
                    Expect.stringContains
                        (sentence (soap.ForEach(two, LambdaRowHandler(fun _ _ -> ()))))
                        "in use"
                        "call")

            soap.ForEach(two, inside) |> sure
            // Free again, after a handler that throws as well.
            Expect.throws (fun () -> soap.ForEach(two, LambdaRowHandler(fun _ _ -> failwith "full")) |> ignore) "thrown"
            soap.ForEach(two, LambdaRowHandler(fun _ _ -> ())) |> sure

            soap.ForEach(ReadOnlyMemory.Empty, LambdaRowHandler(fun _ _ -> failwith "none"))
            |> sure

            Expect.isError (LambdaSoap.Create([ 7 ], projection, 1)) "L"
            Expect.isError (LambdaSoap.Create([ 0 ], projection, -1)) "threads"

        testCase "takes no memory of its own a call"
        <| fun () ->
            let soap = LambdaSoap.Create([ 0; 1; 2 ], projection, 1) |> sure
            let given = Array.init (20 * soap.CoefficientLength) (fun i -> sin (float i))
            let values = Array.zeroCreate<float>(20 * soap.Length)
            let call () = soap.Couple(ReadOnlyMemory given, Memory values) |> sure

            for _ in 1..50 do
                call ()

            let before = GC.GetAllocatedBytesForCurrentThread()

            for _ in 1..50 do
                call ()

            Close.below ((GC.GetAllocatedBytesForCurrentThread() - before) / 50L) 1000L "bytes a call"
    ]
