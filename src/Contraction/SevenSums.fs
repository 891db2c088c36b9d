/// The sums of RowProducts.fs, written once for vectors of every width: seven rows of weights times the moments of one to three groups of lanes, all sums in registers. Rows 1 to 3 are those of the
/// gradients, h; 0, 4, 5 and 6 those of e and L (ShiftTable.fs).
module internal AniSoap.Numerics.SevenSums

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop

/// results[row · (groups · lanes) + lane] = Σ_state weights[row · stride + state] · kept[(state · groups) · lanes + lane], rows 1 to 3 (`gradients`) and 0, 4, 5, 6 (`others`), or added to what is there. The moments lie in
/// `lines` lines of a plane of the recursion (MomentRecursion.fs) if `inLines`, the first of `length` states and every other of one less, `pitch` doubles from one to the next, the weights
/// without gaps; else in one line of `length` states.
let inline run
    (groups: int)
    (gradients: bool)
    (others: bool)
    (inLines: bool)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] broadcast: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    (isAdded: bool)
    (lines: int)
    (length: int)
    (pitch: int)
    (stride: int)
    (rows: nativeptr<float>)
    (kept: nativeptr<float>)
    (results: nativeptr<float>)
    =
    let step = groups * lanes
    let mutable weights = rows
    let inline isGradient row = row >= 1 && row <= 3

    let inline start g row =
        if isAdded && groups > g && (if isGradient row then gradients else others) then
            load (NativePtr.add results (row * step + g * lanes))
        else
            zero

    // Row by row; P, Q and R are the first, second and third group.
    let mutable s0P = start 0 0
    let mutable s0Q = start 1 0
    let mutable s0R = start 2 0
    let mutable s1P = start 0 1
    let mutable s1Q = start 1 1
    let mutable s1R = start 2 1
    let mutable s2P = start 0 2
    let mutable s2Q = start 1 2
    let mutable s2R = start 2 2
    let mutable s3P = start 0 3
    let mutable s3Q = start 1 3
    let mutable s3R = start 2 3
    let mutable s4P = start 0 4
    let mutable s4Q = start 1 4
    let mutable s4R = start 2 4
    let mutable s5P = start 0 5
    let mutable s5Q = start 1 5
    let mutable s5R = start 2 5
    let mutable s6P = start 0 6
    let mutable s6Q = start 1 6
    let mutable s6R = start 2 6

    for line in 0 .. lines - 1 do
        let mutable moments = NativePtr.add kept (line * pitch)

        for _ in 1 .. (if inLines then length - line - 1 else length) do
            let mP = load moments

            let mQ =
                if groups > 1 then
                    load (NativePtr.add moments lanes)
                else
                    zero

            let mR =
                if groups > 2 then
                    load (NativePtr.add moments (2 * lanes))
                else
                    zero

            if others then
                let w = broadcast weights
                s0P <- multiplyAdd w mP s0P

                if groups > 1 then
                    s0Q <- multiplyAdd w mQ s0Q

                if groups > 2 then
                    s0R <- multiplyAdd w mR s0R

            if gradients then
                let w = broadcast (NativePtr.add weights (1 * stride))
                s1P <- multiplyAdd w mP s1P

                if groups > 1 then
                    s1Q <- multiplyAdd w mQ s1Q

                if groups > 2 then
                    s1R <- multiplyAdd w mR s1R

            if gradients then
                let w = broadcast (NativePtr.add weights (2 * stride))
                s2P <- multiplyAdd w mP s2P

                if groups > 1 then
                    s2Q <- multiplyAdd w mQ s2Q

                if groups > 2 then
                    s2R <- multiplyAdd w mR s2R

            if gradients then
                let w = broadcast (NativePtr.add weights (3 * stride))
                s3P <- multiplyAdd w mP s3P

                if groups > 1 then
                    s3Q <- multiplyAdd w mQ s3Q

                if groups > 2 then
                    s3R <- multiplyAdd w mR s3R

            if others then
                let w = broadcast (NativePtr.add weights (4 * stride))
                s4P <- multiplyAdd w mP s4P

                if groups > 1 then
                    s4Q <- multiplyAdd w mQ s4Q

                if groups > 2 then
                    s4R <- multiplyAdd w mR s4R

            if others then
                let w = broadcast (NativePtr.add weights (5 * stride))
                s5P <- multiplyAdd w mP s5P

                if groups > 1 then
                    s5Q <- multiplyAdd w mQ s5Q

                if groups > 2 then
                    s5R <- multiplyAdd w mR s5R

            if others then
                let w = broadcast (NativePtr.add weights (6 * stride))
                s6P <- multiplyAdd w mP s6P

                if groups > 1 then
                    s6Q <- multiplyAdd w mQ s6Q

                if groups > 2 then
                    s6R <- multiplyAdd w mR s6R

            weights <- NativePtr.add weights 1
            moments <- NativePtr.add moments step

        // The last state of a line has the highest degree, whose gradients are those of nothing: rows 1 to 3 have zeros there.
        if inLines then
            let mP = load moments

            let mQ =
                if groups > 1 then
                    load (NativePtr.add moments lanes)
                else
                    zero

            let mR =
                if groups > 2 then
                    load (NativePtr.add moments (2 * lanes))
                else
                    zero

            if others then
                let w = broadcast weights
                s0P <- multiplyAdd w mP s0P

                if groups > 1 then
                    s0Q <- multiplyAdd w mQ s0Q

                if groups > 2 then
                    s0R <- multiplyAdd w mR s0R

            if others then
                let w = broadcast (NativePtr.add weights (4 * stride))
                s4P <- multiplyAdd w mP s4P

                if groups > 1 then
                    s4Q <- multiplyAdd w mQ s4Q

                if groups > 2 then
                    s4R <- multiplyAdd w mR s4R

            if others then
                let w = broadcast (NativePtr.add weights (5 * stride))
                s5P <- multiplyAdd w mP s5P

                if groups > 1 then
                    s5Q <- multiplyAdd w mQ s5Q

                if groups > 2 then
                    s5R <- multiplyAdd w mR s5R

            if others then
                let w = broadcast (NativePtr.add weights (6 * stride))
                s6P <- multiplyAdd w mP s6P

                if groups > 1 then
                    s6Q <- multiplyAdd w mQ s6Q

                if groups > 2 then
                    s6R <- multiplyAdd w mR s6R

            weights <- NativePtr.add weights 1

    let inline put row p q r =
        if (if isGradient row then gradients else others) then
            store (NativePtr.add results (row * step)) p

            if groups > 1 then
                store (NativePtr.add results (row * step + lanes)) q

            if groups > 2 then
                store (NativePtr.add results (row * step + 2 * lanes)) r

    put 0 s0P s0Q s0R
    put 1 s1P s1Q s1R
    put 2 s2P s2Q s2R
    put 3 s3P s3Q s3R
    put 4 s4P s4Q s4R
    put 5 s5P s5Q s5R
    put 6 s6P s6Q s6R
