/// The steps of ContractionKernel.fs backwards: from the derivatives of a number E by the coefficients of a centre to its derivatives by the summed
/// moments, G_{abc} = ∂E/∂A_{abc} (A the plain moments). Each step is the transpose of the one forwards; mixing the radial functions needs no
/// code of its own, since it is the same product with the transposed matrices.
module internal AniSoap.Numerics.ContractionAdjoint

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

let inline private get (p: nativeptr<float>) i = NativePtr.get p i
let inline private set (p: nativeptr<float>) i v = NativePtr.set p i v
let inline private load4 (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
let inline private store4 (p: nativeptr<float>) i (v: Vector256<float>) = Vector256.Store(v, NativePtr.add p i)

/// Transpose of `ContractionKernel.harmonics`: by the coefficients to by the traced shells. `traced` is overwritten.
let harmonics (table: ContractionTable) (coefficients: nativeptr<float>) (traced: nativeptr<float>) =
    FullOptimization.ask ()
    let monomials = table.TermMonomials
    let weights = table.TermCoefficients

    System.Span<float>(NativePtr.toVoidPtr traced, table.TracedOffsets[table.MaxAngular + 1]).Clear()

    for l in 0 .. table.MaxAngular do
        let padded = table.PaddedColumns[l]
        let target = NativePtr.add traced table.TracedOffsets[l]
        let source = NativePtr.add coefficients table.CoefficientOffsets[l]

        for m in 0 .. 2 * l do
            for term in table.TermStarts[l * l + m] .. table.TermStarts[l * l + m + 1] - 1 do
                let weight = Vector256.Create(weights[term]: float)
                let row = monomials[term] * padded
                let mutable q = 0

                while q < padded do
                    let sum =
                        Vector256.MultiplyAddEstimate(weight, load4 source (m * padded + q), load4 target (row + q))

                    store4 target (row + q) sum
                    q <- q + 4

/// Shells on their way back lie in rows of constant a with zeros around them, so that what the transpose of the trace reads beyond an end is zero: two rows
/// before the first and two behind the last, four zeros before each row and at least seven behind it. Every degree l has its own place, where these zeros
/// are never written over: what is stored beyond the end of a row is computed from zeros.
let private rowPitch l = (l + 1 + 11 + 3) / 4 * 4

let private shellLength l = (l + 5) * rowPitch l

/// Where the shell of each degree begins, and the length of all.
let shellStarts degree = Array.scan (fun start l -> start + shellLength l) 0 [| 0..degree |]

/// The shell of degree l as the transpose of the trace of the shell of degree l − 2: target_{a,b} = source_{a,b} + source_{a,b−2} + source_{a−2,b}.
let private spread l (source: nativeptr<float>) (target: nativeptr<float>) =
    let sourcePitch = rowPitch (l - 2)
    let targetPitch = rowPitch l
    let mutable before = NativePtr.add source 4
    let mutable same = NativePtr.add before (2 * sourcePitch)
    let mutable into = NativePtr.add target (2 * targetPitch + 4)

    for a in 0..l do
        let mutable b = 0

        while b <= l - a do
            store4 into b (Vector256.Add(load4 same b, Vector256.Add(load4 same (b - 2), load4 before b)))
            b <- b + 4

        before <- NativePtr.add before sourcePitch
        same <- NativePtr.add same sourcePitch
        into <- NativePtr.add into targetPitch

/// Transpose of `ContractionKernel.traceShells` for the columns of species `t`: by the traced shells to γ (ShiftTable.fs), into `rows`. `scratch` has room for
/// the shells as `shellStarts` has it, zero to begin with.
let traceShells
    (table: ContractionTable)
    (shifts: ShiftTable)
    (starts: int[])
    (t: int)
    (traced: nativeptr<float>)
    (scratch: nativeptr<float>)
    (rows: nativeptr<float>)
    =
    FullOptimization.ask ()
    let toRows = shifts.ToRows
    let factors = shifts.ToPlain

    for d in 0 .. table.Degree do
        // From the deepest trace that is used up to the shell itself.
        let mutable n = min (d / 2) (table.MostRadial - 1)
        let mutable hasSource = false

        while n >= 0 do
            let l = d - 2 * n
            let shell = NativePtr.add scratch starts[l]
            let pitch = rowPitch l
            let isUsed = l <= table.MaxAngular && n < table.RadialCounts[l]

            if hasSource then
                spread l (NativePtr.add scratch starts[l - 2]) shell

            if isUsed then
                let padded = table.PaddedColumns[l]
                let mutable from = NativePtr.add traced (table.TracedOffsets[l] + n * table.SpeciesCount + t)
                let mutable into = NativePtr.add shell (2 * pitch + 4)

                for a in 0..l do
                    for b in 0 .. l - a do
                        let value = get from 0
                        set into b (if hasSource then get into b + value else value)
                        from <- NativePtr.add from padded

                    into <- NativePtr.add into pitch

            hasSource <- hasSource || isUsed
            n <- n - 1

        let pitch = rowPitch d
        let mutable place = table.ShellOffsets[d]
        let mutable from = NativePtr.add scratch (starts[d] + 2 * pitch + 4)

        for a in 0..d do
            for b in 0 .. d - a do
                // A shell that nobody uses is zero.
                set rows toRows[place] (if hasSource then factors[place] * get from b else 0.0)
                place <- place + 1

            from <- NativePtr.add from pitch
