/// The steps of ContractionKernel.fs backwards: from the derivatives of a number E by the coefficients of a centre to its derivatives by the summed
/// moments, G_{abc} = ∂E/∂A_{abc} (A the plain moments). Each step is the transpose of the one forwards; mixing the radial functions needs no
/// code of its own, since it is the same product with the transposed matrices.
module internal AniSoap.Kernels.ContractionAdjoint

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

    for i in 0 .. table.TracedOffsets[table.MaxAngular + 1] - 1 do
        set traced i 0.0

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

/// Adds the transpose of the trace: a shell of degree d − 2 to one of degree d.
let private addSpread d (source: nativeptr<float>) (target: nativeptr<float>) =
    let mutable from = source
    let mutable row = target
    let mutable twoOn = NativePtr.add target (d + 1 + d)

    let inline add4 p b v = store4 p b (Vector256.Add(load4 p b, v))
    let inline add p b v = set p b (get p b + v)

    for a in 0 .. d - 2 do
        let length = d - 1 - a
        let mutable b = 0

        while b + 4 <= length do
            let v = load4 from b
            add4 row b v
            add4 row (b + 2) v
            add4 twoOn b v
            b <- b + 4

        while b < length do
            let v = get from b
            add row b v
            add row (b + 2) v
            add twoOn b v
            b <- b + 1

        from <- NativePtr.add from length
        row <- NativePtr.add row (length + 2)
        twoOn <- NativePtr.add twoOn length

/// Transpose of `ContractionKernel.traceShells` for the columns of species `t`: by the traced shells to by the moments, into `shells` (overwritten).
/// `scratch` has room for two shells.
let traceShells
    (table: ContractionTable)
    (t: int)
    (traced: nativeptr<float>)
    (scratch: nativeptr<float>)
    (shells: nativeptr<float>)
    =
    FullOptimization.ask ()
    let half = table.ScratchShell

    for d in 0 .. table.Degree do
        // From the deepest trace that somebody uses up to the shell itself.
        let mutable n = min (d / 2) (table.MostRadial - 1)
        let mutable below = NativePtr.add scratch 0
        let mutable isEmpty = true

        while n >= 0 do
            let l = d - 2 * n
            let size = (l + 1) * (l + 2) / 2
            let isUsed = l <= table.MaxAngular && n < table.RadialCounts[l]

            let shell =
                if n = 0 then
                    NativePtr.add shells table.ShellOffsets[d]
                else
                    NativePtr.add scratch ((n &&& 1) * half)

            if isUsed then
                let padded = table.PaddedColumns[l]
                let source = NativePtr.add traced (table.TracedOffsets[l] + n * table.SpeciesCount + t)

                for i in 0 .. size - 1 do
                    set shell i (get source (i * padded))
            else
                for i in 0 .. size - 1 do
                    set shell i 0.0

            if not isEmpty then
                addSpread l below shell

            isEmpty <- isEmpty && not isUsed
            below <- shell
            n <- n - 1
