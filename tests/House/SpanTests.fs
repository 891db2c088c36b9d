/// Spans and tail calls. F# makes a tail call of a call that comes last; where the arguments have more room than the caller's own have, .NET copies them, and loses
/// sight of the arrays behind spans when the garbage collector moves them (dotnet/fsharp issue 13447). Results then went into memory that was somebody else's.
module AniSoap.Tests.House.SpanTests

open System
open System.IO
open System.Threading
open Expecto
open Mono.Cecil
open Mono.Cecil.Cil
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private assemblies =
    lazy
        [
            for name in
                [
                    "AniSoap.Core"
                    "AniSoap.FeatureFiles"
                    "AniSoap.Learning"
                    "AniSoap.Figures"
                    "AniSoap.Plotting"
                    "AniSoap.CSharp"
                ] do
                AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, name + ".dll"))
        ]

let private methods () =
    assemblies.Value
    |> Seq.collect (fun assembly -> assembly.MainModule.GetTypes())
    |> Seq.collect (fun kind -> kind.Methods)

/// Words of eight bytes that an argument takes, and whether it is made of spans.
let private size (argument: TypeReference) =
    let marks (kind: TypeReference) =
        match kind.Resolve() with
        | null -> false
        | found ->
            found.CustomAttributes
            |> Seq.exists (fun mark -> mark.AttributeType.Name = "IsByRefLikeAttribute")

    match argument.Namespace + "." + argument.Name with
    | "System.Span`1"
    | "System.ReadOnlySpan`1" -> 2, true
    | _ when not argument.IsByReference && argument.IsValueType && marks argument -> 8, true
    | "System.Memory`1"
    | "System.ReadOnlyMemory`1" -> 2, false
    | _ -> 1, false

[<Tests>]
let tests =
    testList "spans" [
        testCase "are passed in no tail call of the library's"
        <| fun () ->
            let bodies = methods () |> Seq.filter (fun m -> m.HasBody) |> Seq.toArray
            Close.above bodies.Length 3000 "the methods are here"

            let found = [
                for m in bodies do
                    if m.Body.Instructions |> Seq.exists (fun i -> i.OpCode = OpCodes.Tail) then
                        m.FullName
            ]

            Expect.isEmpty found "Tailcalls is false in Directory.Build.props"

        testCase "are taken by methods that need no room beyond the six registers of arguments"
        <| fun () ->
            let taken =
                methods ()
                |> Seq.filter (fun m ->
                    m.IsPublic
                    && (m.DeclaringType.IsPublic || m.DeclaringType.IsNestedPublic)
                    && not m.IsConstructor
                    // A delegate's, which the library calls.
                    && m.HasBody)
                |> Seq.filter (fun m -> m.Parameters |> Seq.exists (fun p -> snd (size p.ParameterType)))
                |> Seq.toArray

            Close.above taken.Length 5 "there are some"

            let tooMany = [
                for m in taken do
                    let own = if m.HasThis then 1 else 0

                    if own + (m.Parameters |> Seq.sumBy (fun p -> fst (size p.ParameterType))) > 6 then
                        m.FullName
            ]

            Expect.isEmpty tooMany "memory that an array is (Memory, ReadOnlyMemory) instead"

        testCase
            "and no memory of a caller's is lost when the collector moves it while a method is called for the first time, at the end of another"
        <| fun () ->
            use ended = new CancellationTokenSource()

            let churn =
                Thread(fun () ->
                    let kept = Array.zeroCreate<byte[]> 500
                    let mutable turn = 0

                    while not ended.IsCancellationRequested do
                        kept[turn % kept.Length] <- Array.zeroCreate (turn % 2000)
                        turn <- turn + 1

                        if turn % 300 = 0 then
                            GC.Collect(0, GCCollectionMode.Forced, true, true))

            churn.Start()

            try
                use engine = Engine.Create(small, 1) |> sure
                let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]
                let size = engine.SpectrumLength OrderedPairs

                let filled length (call: float[] -> Result<unit, AniSoapError>) name =
                    let values = Array.create length nan
                    call values |> sure
                    Expect.all values Double.IsFinite name

                let zeros length = Array.zeroCreate<float> length

                let room positions = GradientRoom(Memory positions, Memory(zeros 3), Memory(zeros 9), Memory(zeros 3))

                let fill = SpectrumCotangentHandler(fun _ _ row -> row.Clear())

                for _ in 1..3 do
                    filled (4 * size) (fun v -> engine.MeanSpectrum(frame, OrderedPairs, Memory v)) "mean"
                    filled size (fun v -> engine.ParticleSpectra(frame, OrderedPairs, Memory v)) "particles"

                    filled
                        engine.CoefficientLength
                        (fun v -> engine.Coefficients(frame, RadialForm.Orthonormal, Memory v))
                        "coefficients"

                    let rows = ReadOnlyMemory(zeros size)

                    filled
                        size
                        (fun v -> engine.PullParticles(frame, OrderedPairs, rows, Memory v, room (zeros 3)))
                        "pulled"

                    filled
                        3
                        (fun v ->
                            engine.PullEach(frame, OrderedPairs, fill, Memory(zeros size), room v, null, ended.Token))
                        "positions of each"

                    filled
                        3
                        (fun v ->
                            let means = ReadOnlyMemory(zeros (4 * size))
                            engine.PullMean(frame, OrderedPairs, means, Memory(zeros (4 * size)), room v))
                        "positions of means"
            finally
                ended.Cancel()
                churn.Join()
    ]
