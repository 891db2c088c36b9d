/// Row 0 of each plane of the recursion (MomentRecursion.fs): the moments without x, from which all others follow.
///
///     M_{0,0,c} = (c_z M_{0,0,c−1} + V_zz M_{0,0,c−2}) / c
///     M_{0,b,c} = c_y M_{0,b−1,c} + (b−1) V_yy M_{0,b−2,c} + V_yz M_{0,b−1,c−1}                            (b > 0)
///
/// All groups of lanes go together, and are added up while they are in registers. P, Q and R are the first, second and third group.
module internal AniSoap.Numerics.MomentRowZero

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics.MomentStates

/// Row 0 of plane 0, into its place and the history, its sums over the groups by `addTo`, and, if `keep`, the moments themselves to `kept`.
let inline first
    (groups: int)
    (keep: bool)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] add: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] scale: float -> 'V -> 'V)
    ([<InlineIfLambda>] multiply: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    ([<InlineIfLambda>] addTo: nativeptr<float> -> 'V -> unit)
    (degree: int)
    (parameters: nativeptr<float>)
    (row0: nativeptr<float>)
    (history: nativeptr<float>)
    (sums: nativeptr<float>)
    (kept: nativeptr<float>)
    =
    let step = groups * lanes

    // The vector of a parameter for group g; nothing is loaded for groups that there are not.
    let inline given g parameter =
        if groups > g then
            load (NativePtr.add parameters (parameter * step + g * lanes))
        else
            zero

    let mutable sum = sums
    let mutable keeping = kept
    let mutable at = row0
    let mutable historyAt = history
    let mutable previousP = zero
    let mutable previousQ = zero
    let mutable previousR = zero

    let czP = given 0 Parameter.CZ
    let czQ = given 1 Parameter.CZ
    let czR = given 2 Parameter.CZ
    let vzzP = given 0 Parameter.VZZ
    let vzzQ = given 1 Parameter.VZZ
    let vzzR = given 2 Parameter.VZZ
    let mutable olderP = zero
    let mutable olderQ = zero
    let mutable olderR = zero

    for c in 0..degree do
        let share = 1.0 / float c

        let inline next group cz previous vzz older =
            if c = 0 then
                given group Parameter.Weight
            else
                scale share (multiplyAdd cz previous (multiply vzz older))

        let y = next 0 czP previousP vzzP olderP
        store at y
        store historyAt y
        olderP <- previousP
        previousP <- y

        if keep then
            store keeping y

        let mutable total = y

        if groups > 1 then
            let y = next 1 czQ previousQ vzzQ olderQ
            store (NativePtr.add at lanes) y
            store (NativePtr.add historyAt lanes) y
            olderQ <- previousQ
            previousQ <- y

            if keep then
                store (NativePtr.add keeping lanes) y

            total <- add total y

        if groups > 2 then
            let y = next 2 czR previousR vzzR olderR
            store (NativePtr.add at (2 * lanes)) y
            store (NativePtr.add historyAt (2 * lanes)) y
            olderR <- previousR
            previousR <- y

            if keep then
                store (NativePtr.add keeping (2 * lanes)) y

            total <- add total y

        addTo sum total
        sum <- NativePtr.add sum lanes
        at <- NativePtr.add at step
        historyAt <- NativePtr.add historyAt step

        if keep then
            keeping <- NativePtr.add keeping step

/// Row 0 of plane b out of those of the planes before: `before` is that of plane b − 1, `history` that of plane b − 2, which is overwritten.
let inline later
    (groups: int)
    (keep: bool)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] add: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] scale: float -> 'V -> 'V)
    ([<InlineIfLambda>] multiply: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    ([<InlineIfLambda>] addTo: nativeptr<float> -> 'V -> unit)
    (degree: int)
    (b: int)
    (parameters: nativeptr<float>)
    (row0: nativeptr<float>)
    (history: nativeptr<float>)
    (before: nativeptr<float>)
    (sums: nativeptr<float>)
    (kept: nativeptr<float>)
    =
    let step = groups * lanes

    // The vector of a parameter for group g; nothing is loaded for groups that there are not.
    let inline given g parameter =
        if groups > g then
            load (NativePtr.add parameters (parameter * step + g * lanes))
        else
            zero

    let mutable sum = sums
    let mutable keeping = kept
    let mutable at = row0
    let mutable historyAt = history
    let mutable previousP = zero
    let mutable previousQ = zero
    let mutable previousR = zero

    let cyP = given 0 Parameter.CY
    let cyQ = given 1 Parameter.CY
    let cyR = given 2 Parameter.CY
    let vyzP = given 0 Parameter.VYZ
    let vyzQ = given 1 Parameter.VYZ
    let vyzR = given 2 Parameter.VYZ
    let vyyP = scale (float (b - 1)) (given 0 Parameter.VYY)
    let vyyQ = scale (float (b - 1)) (given 1 Parameter.VYY)
    let vyyR = scale (float (b - 1)) (given 2 Parameter.VYY)
    let mutable beforeAt = before

    for _ in 0 .. degree - b do
        let x = load beforeAt
        let y = multiplyAdd cyP x (multiplyAdd vyyP (load historyAt) (multiply vyzP previousP))
        store at y
        store historyAt y
        previousP <- x

        if keep then
            store keeping y

        let mutable total = y

        if groups > 1 then
            let x = load (NativePtr.add beforeAt lanes)
            let older = load (NativePtr.add historyAt lanes)
            let y = multiplyAdd cyQ x (multiplyAdd vyyQ older (multiply vyzQ previousQ))
            store (NativePtr.add at lanes) y
            store (NativePtr.add historyAt lanes) y
            previousQ <- x

            if keep then
                store (NativePtr.add keeping lanes) y

            total <- add total y

        if groups > 2 then
            let x = load (NativePtr.add beforeAt (2 * lanes))
            let older = load (NativePtr.add historyAt (2 * lanes))
            let y = multiplyAdd cyR x (multiplyAdd vyyR older (multiply vyzR previousR))
            store (NativePtr.add at (2 * lanes)) y
            store (NativePtr.add historyAt (2 * lanes)) y
            previousR <- x

            if keep then
                store (NativePtr.add keeping (2 * lanes)) y

            total <- add total y

        addTo sum total
        sum <- NativePtr.add sum lanes
        at <- NativePtr.add at step
        historyAt <- NativePtr.add historyAt step
        beforeAt <- NativePtr.add beforeAt step

        if keep then
            keeping <- NativePtr.add keeping step
