/// The recursion of MomentRecursion.fs where a plane of three groups of eight lanes does not fit the first-level cache: first all states with c < C, then the others, so that half a plane is alive at
/// a time. What the second half needs of the first are the states with c = C − 1, one for each (a, b). The same numbers added in the same order, to the last bit.
module internal AniSoap.Numerics.MomentTiles

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics.MomentStates

[<Literal>]
let private Lanes = 8

[<Literal>]
let private Step = 24

/// Whether halves are faster: planes larger than two thirds of the first-level cache, where writing beyond it costs much.
let isFaster degree =
    let plane = (degree + 1) * (degree + 2) / 2 * Step * sizeof<float>
    3 * plane > 2 * CacheSizes.first && StoreCost.isHigh Lanes

/// C: what leaves both halves about as large, but not fewer than a loop of some length.
let private columns degree =
    let mutable c = min 8 degree

    while 2 * (degree - c + 1) * (degree - c + 2) > (degree + 1) * (degree + 2) do
        c <- c + 1

    c

let inline private load (p: nativeptr<float>) = Vector512.Load p
let inline private store (p: nativeptr<float>) (v: Vector512<float>) = Vector512.Store(v, p)
let inline private scale (s: float) (v: Vector512<float>) = Vector512.Multiply(v, s)
let inline private add (x: Vector512<float>) y = Vector512.Add(x, y)
let inline private multiply (x: Vector512<float>) (y: Vector512<float>) = Vector512.Multiply(x, y)
let inline private multiplyAdd (x: Vector512<float>) y z = Vector512.FusedMultiplyAdd(x, y, z)
let inline private behind (p: nativeptr<float>) n = NativePtr.add p n

/// One state along x, as in MomentRecursion.fs.
let inline private next cx below first below2 vxy old vxz before =
    multiplyAdd cx below (multiplyAdd first below2 (multiplyAdd vxy old (multiply vxz before)))

/// The states from c = `from` on, fewer than `upTo` if this is the first half.
let inline private half
    (first: bool)
    (isSecond: bool)
    from
    upTo
    degree
    parameters
    scratch
    (border: nativeptr<float>)
    sums
    =
    let rowLength = rowLength (upTo - from - 1) Step
    let slots = behind scratch (3 * rowLength)
    // a + b is at most this here.
    let highest = if isSecond then degree - from else degree
    let zero = Vector512<float>.Zero
    let inline given g parameter = load (behind parameters (parameter * Step + g * Lanes))
    // The border of a = 0 for this b and the one before, and behind all of it the state (0, 0, C − 2).
    let mutable edge = border
    let mutable edgeBefore = border
    let edgeFirst = behind border ((degree + 1) * (degree + 2) / 2 * Step)
    let mutable planeSum = sums

    let inline addTo sum value =
        if first then
            Fetch.toStore (behind sum (FetchAhead * Lanes))
            store sum value
        else
            store sum (add (load sum) value)

    for b in 0..highest do
        let row0 = behind slots ((highest - b) * rowLength)
        let history = behind scratch ((b &&& 1) * rowLength)
        let before = behind scratch (((b + 1) &&& 1) * rowLength)
        let length = min upTo (degree - b + 1) - from

        for g in 0..2 do
            let g = g * Lanes

            if b = 0 then
                let cz = load (behind parameters (Parameter.CZ * Step + g))
                let vzz = load (behind parameters (Parameter.VZZ * Step + g))

                let mutable previous =
                    if isSecond then
                        load (behind edge g)
                    else
                        load (behind parameters (Parameter.Weight * Step + g))

                let mutable beforePrevious = if isSecond then load (behind edgeFirst g) else zero

                if not isSecond then
                    store (behind row0 g) previous
                    store (behind history g) previous

                for c in (if isSecond then 0 else 1) .. length - 1 do
                    let value = scale (1.0 / float (from + c)) (multiplyAdd cz previous (multiply vzz beforePrevious))

                    store (behind row0 (c * Step + g)) value
                    store (behind history (c * Step + g)) value
                    beforePrevious <- previous
                    previous <- value

                if not isSecond then
                    store (behind edgeFirst g) beforePrevious
            else
                let cy = load (behind parameters (Parameter.CY * Step + g))
                let vyz = load (behind parameters (Parameter.VYZ * Step + g))
                let vyy = scale (float (b - 1)) (load (behind parameters (Parameter.VYY * Step + g)))
                let mutable previous = if isSecond then load (behind edgeBefore g) else zero

                for c in 0 .. length - 1 do
                    let offset = c * Step + g
                    let current = load (behind before offset)
                    let older = load (behind history offset)
                    let value = multiplyAdd cy current (multiplyAdd vyy older (multiply vyz previous))
                    store (behind row0 offset) value
                    store (behind history offset) value
                    previous <- current

        let mutable sum = behind planeSum (from * Lanes)

        for c in 0 .. length - 1 do
            let at = behind row0 (c * Step)
            addTo sum (add (add (load at) (load (behind at Lanes))) (load (behind at (2 * Lanes))))
            sum <- behind sum Lanes

        if not isSecond && length = upTo then
            let last = behind row0 ((upTo - 1) * Step)
            store edge (load last)
            store (behind edge Lanes) (load (behind last Lanes))
            store (behind edge (2 * Lanes)) (load (behind last (2 * Lanes)))

        // P, Q and R are the first, second and third group.
        let cxP = given 0 Parameter.CX
        let cxQ = given 1 Parameter.CX
        let cxR = given 2 Parameter.CX
        let vxzP = given 0 Parameter.VXZ
        let vxzQ = given 1 Parameter.VXZ
        let vxzR = given 2 Parameter.VXZ
        let vxyP = scale (float b) (given 0 Parameter.VXY)
        let vxyQ = scale (float b) (given 1 Parameter.VXY)
        let vxyR = scale (float b) (given 2 Parameter.VXY)
        let vxxP = given 0 Parameter.VXX
        let vxxQ = given 1 Parameter.VXX
        let vxxR = given 2 Parameter.VXX
        let mutable rowSum = behind planeSum ((degree - b + 1) * Lanes)
        let mutable a = 1
        let mutable below = row0

        while a + 1 <= highest - b do
            // States of rows a and a + 1 in the whole plane; the former has one more.
            let whole = degree - b - a
            let length = min upTo whole - from
            let above = behind below (2 * rowLength)
            let mutable row2 = behind below -rowLength
            let mutable row1 = below
            let mutable row = behind below rowLength
            let mutable rowNext = above
            let mutable into = behind rowSum (from * Lanes)
            let mutable intoNext = behind rowSum ((whole + 1 + from) * Lanes)
            rowSum <- behind rowSum ((2 * whole + 1) * Lanes)
            let edgeBelow = behind edge ((a - 1) * Step)
            let edgeRow = behind edge (a * Step)
            let inline start place g = if isSecond then load (behind place (g * Lanes)) else zero
            let firstP = scale (float (a - 1)) vxxP
            let secondP = scale (float a) vxxP
            let mutable belowP = start edgeBelow 0
            let mutable rowP = start edgeRow 0
            let firstQ = scale (float (a - 1)) vxxQ
            let secondQ = scale (float a) vxxQ
            let mutable belowQ = start edgeBelow 1
            let mutable rowQ = start edgeRow 1
            let firstR = scale (float (a - 1)) vxxR
            let secondR = scale (float a) vxxR
            let mutable belowR = start edgeBelow 2
            let mutable rowR = start edgeRow 2

            for _ in 1..length do
                let x = load row1
                let y = next cxP x firstP (load row2) vxyP (load row) vxzP belowP
                store row y
                let z = next cxP y secondP x vxyP (load rowNext) vxzP rowP
                store rowNext z
                belowP <- x
                rowP <- y
                let total = y
                let totalNext = z
                let x = load (behind row1 Lanes)
                let y = next cxQ x firstQ (load (behind row2 Lanes)) vxyQ (load (behind row Lanes)) vxzQ belowQ
                store (behind row Lanes) y
                let z = next cxQ y secondQ x vxyQ (load (behind rowNext Lanes)) vxzQ rowQ
                store (behind rowNext Lanes) z
                belowQ <- x
                rowQ <- y
                let total = add total y
                let totalNext = add totalNext z
                let x = load (behind row1 (2 * Lanes))
                let old = load (behind row (2 * Lanes))
                let y = next cxR x firstR (load (behind row2 (2 * Lanes))) vxyR old vxzR belowR
                store (behind row (2 * Lanes)) y
                let z = next cxR y secondR x vxyR (load (behind rowNext (2 * Lanes))) vxzR rowR
                store (behind rowNext (2 * Lanes)) z
                belowR <- x
                rowR <- y
                addTo into (add total y)
                addTo intoNext (add totalNext z)
                row2 <- behind row2 Step
                row1 <- behind row1 Step
                row <- behind row Step
                rowNext <- behind rowNext Step
                into <- behind into Lanes
                intoNext <- behind intoNext Lanes

            if isSecond || whole < upTo then
                // The last state of row a.
                let yP = next cxP (load row1) firstP (load row2) vxyP (load row) vxzP belowP
                store row yP
                let old = load (behind row Lanes)
                let yQ = next cxQ (load (behind row1 Lanes)) firstQ (load (behind row2 Lanes)) vxyQ old vxzQ belowQ
                store (behind row Lanes) yQ
                let x, x2 = load (behind row1 (2 * Lanes)), load (behind row2 (2 * Lanes))
                let yR = next cxR x firstR x2 vxyR (load (behind row (2 * Lanes))) vxzR belowR
                store (behind row (2 * Lanes)) yR
                addTo into (add (add yP yQ) yR)

                if not isSecond && whole + 1 = upTo then
                    store edgeRow yP
                    store (behind edgeRow Lanes) yQ
                    store (behind edgeRow (2 * Lanes)) yR
            else
                store edgeRow rowP
                store (behind edgeRow Lanes) rowQ
                store (behind edgeRow (2 * Lanes)) rowR
                let last = behind rowNext -Step
                store (behind edgeRow Step) (load last)
                store (behind edgeRow (Step + Lanes)) (load (behind last Lanes))
                store (behind edgeRow (Step + 2 * Lanes)) (load (behind last (2 * Lanes)))

            below <- above
            a <- a + 2

        // A row left over has a single state: of the whole plane if this is the first half, which MomentRecursion.fs adds group by group; else the last of its row.
        if a = highest - b then
            let row = behind below rowLength
            let below2 = behind below -rowLength
            let mutable total = zero

            for g in 0..2 do
                let at = g * Lanes
                let x1, x2, old = load (behind below at), load (behind below2 at), load (behind row at)
                let first' = scale (float (a - 1)) (given g Parameter.VXX)
                let vxy = scale (float b) (given g Parameter.VXY)
                let inline value before = multiplyAdd (given g Parameter.CX) x1 (multiplyAdd first' x2 before)

                if isSecond then
                    let carried = load (behind edge ((a - 1) * Step + at))
                    let y = value (multiplyAdd vxy old (multiply (given g Parameter.VXZ) carried))
                    store (behind row at) y
                    total <- if g = 0 then y else add total y
                else
                    let y = value (multiply vxy old)
                    store (behind row at) y

                    if first && g = 0 then
                        store rowSum y
                    else
                        store rowSum (add (load rowSum) y)

            if isSecond then
                addTo (behind rowSum (from * Lanes)) total

        edgeBefore <- edge
        edge <- behind edge ((degree - b + 1) * Step)
        planeSum <- behind planeSum ((degree - b + 1) * (degree - b + 2) / 2 * Lanes)

// One method each, as in MomentKernel.fs.

let private firstLow columns degree parameters scratch border sums =
    FullOptimization.ask ()
    half true false 0 columns degree parameters scratch border sums

let private firstHigh columns degree parameters scratch border sums =
    FullOptimization.ask ()
    half true true columns (degree + 1) degree parameters scratch border sums

let private moreLow columns degree parameters scratch border sums =
    FullOptimization.ask ()
    half false false 0 columns degree parameters scratch border sums

let private moreHigh columns degree parameters scratch border sums =
    FullOptimization.ask ()
    half false true columns (degree + 1) degree parameters scratch border sums

/// Adds the moments of a block of three groups of eight lanes to the sums, or sets the sums to them.
let accumulate first degree parameters scratch sums =
    let border = behind scratch (planesLength degree Lanes 3)
    let columns = columns degree

    if first then
        firstLow columns degree parameters scratch border sums
        firstHigh columns degree parameters scratch border sums
    else
        moreLow columns degree parameters scratch border sums
        moreHigh columns degree parameters scratch border sums
