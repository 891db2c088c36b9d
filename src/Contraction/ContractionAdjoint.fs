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
/// are never written over: what is stored beyond the end of a row is computed from zeros. As on the way out, all shells go one step before any goes the next.
let private rowPitch l = (l + 1 + 11 + 3) / 4 * 4

let private shellLength l = (l + 5) * rowPitch l

/// Where the shell of each degree begins, and the length of all.
let shellStarts degree = Array.scan (fun start l -> start + shellLength l) 0 [| 0..degree |]

/// For every place in the shells (ContractionTable.ShellOffsets) where it lies on its way back.
let shellPlaces degree =
    let starts = shellStarts degree

    [|
        for l in 0..degree do
            for a in 0..l do
                for b in 0 .. l - a do
                    starts[l] + (a + 2) * rowPitch l + 4 + b
    |]

/// For every degree d the deepest trace of its shell that is used; −1 where none is.
let deepestTraces (table: ContractionTable) =
    Array.init (table.Degree + 1) (fun d ->
        seq { 0 .. min (d / 2) (table.MostRadial - 1) }
        |> Seq.filter (fun n -> d - 2 * n <= table.MaxAngular && n < table.RadialCounts[d - 2 * n])
        |> Seq.fold max -1)

/// The shell of degree l as the transpose of the trace of the shell of degree l − 2, target_{a,b} = source_{a,b} + source_{a,b−2} + source_{a−2,b}, added
/// to what is there already or instead of it.
let inline private spread isAdded l (source: nativeptr<float>) (target: nativeptr<float>) =
    let sourcePitch = rowPitch (l - 2)
    let targetPitch = rowPitch l
    let mutable before = NativePtr.add source 4
    let mutable same = NativePtr.add before (2 * sourcePitch)
    let mutable into = NativePtr.add target (2 * targetPitch + 4)

    for a in 0..l do
        let mutable b = 0

        while b <= l - a do
            let sum = Vector256.Add(load4 same b, Vector256.Add(load4 same (b - 2), load4 before b))
            store4 into b (if isAdded then Vector256.Add(sum, load4 into b) else sum)
            b <- b + 4

        before <- NativePtr.add before sourcePitch
        same <- NativePtr.add same sourcePitch
        into <- NativePtr.add into targetPitch

/// rows[toRows[i]] = factors[i] · shells[places[i]].
let private fileRows (toRows: int[]) (factors: float[]) (places: int[]) (shells: nativeptr<float>) rows =
    FullOptimization.ask ()
    use rowOf = fixed toRows
    use factor = fixed factors
    use placeOf = fixed places

    for i in 0 .. places.Length - 1 do
        set rows (NativePtr.get rowOf i) (get factor i * get shells (NativePtr.get placeOf i))

/// Transpose of `ContractionKernel.traceShells` for the columns of species `t`: by the traced shells to γ (ShiftTable.fs), into `rows`. `scratch` has room for
/// two times the shells as `shellStarts` has them, zero to begin with.
let traceShells
    (table: ContractionTable)
    (shifts: ShiftTable)
    (starts: int[])
    (places: int[])
    (deepest: int[])
    (t: int)
    (traced: nativeptr<float>)
    (scratch: nativeptr<float>)
    (rows: nativeptr<float>)
    =
    FullOptimization.ask ()
    let offsets = table.ShellOffsets
    let mutable source = scratch
    let mutable level = scratch

    for n = table.MostRadial - 1 downto 0 do
        let highest = table.Degree - 2 * n
        source <- level
        level <- NativePtr.add scratch ((n &&& 1) * starts[table.Degree + 1])

        for l in 0 .. min highest table.MaxAngular do
            if n < table.RadialCounts[l] then
                let padded = table.PaddedColumns[l]
                let mutable from = NativePtr.add traced (table.TracedOffsets[l] + n * table.SpeciesCount + t)

                for place in offsets[l] .. offsets[l + 1] - 1 do
                    set level places[place] (get from 0)
                    from <- NativePtr.add from padded

        for l in 2..highest do
            if n < deepest[l + 2 * n] then
                let lower = NativePtr.add source starts[l - 2]
                let target = NativePtr.add level starts[l]

                if l <= table.MaxAngular && n < table.RadialCounts[l] then
                    spread true l lower target
                else
                    spread false l lower target

    for d in 0 .. table.Degree do
        // A shell that nobody uses is zero.
        if deepest[d] < 0 then
            System.Span<float>(NativePtr.toVoidPtr (NativePtr.add level starts[d]), starts[d + 1] - starts[d]).Clear()

    fileRows shifts.ToRows shifts.ToPlain places level rows
