/// The inner loop of everything: the moments of many Gaussians at once, one neighbour a SIMD lane, summed over the
/// neighbours.
///
/// Symbols: a neighbour's Gaussian has mean c, covariance V and weight w (ALGORITHM: "one matrix per particle");
/// M_{abc} = w E[x^a y^b z^c] / c! is what is computed here. With 1/c! but neither 1/a! nor 1/b! folded in, only one of the
/// constants of the recursion changes along a row and none within it:
///
///     M_{a,b,c} = c_x M_{a−1,b,c} + (a−1) V_xx M_{a−2,b,c} + b V_xy M_{a−1,b−1,c} + V_xz M_{a−1,b,c−1}      (a > 0)
///     M_{0,b,c} = c_y M_{0,b−1,c} + (b−1) V_yy M_{0,b−2,c} + V_yz M_{0,b−1,c−1}                            (b > 0)
///     M_{0,0,c} = (c_z M_{0,0,c−1} + V_zz M_{0,0,c−2}) / c
///
/// (Stein's identity E[x f(X)] = c_x E[f] + Σ_k V_xk E[∂_k f]; V. Isserlis 1918, J. Chem. Phys. 161, 074112.)
///
/// Order: b is the outermost loop, then a, then c. A plane of constant b is a stack of rows a = 0 … D − b of states c = 0 … D − b − a. Row a
/// of plane b needs rows a − 1 and a − 2 of its own plane and row a − 1 of plane b − 1, which nobody needs afterwards: row a is
/// written over it, and the planes creep down through memory by one slot each (slot of row a in plane b: a − b + D). So only
/// one plane is alive at a time: at D = 21 and two groups of eight lanes 32 KB, where the whole set of states has 260 KB.
/// Two rows go together, so that the first is still in registers when the second needs it: 2 loads and 1 store a state
/// beside its 4 multiply-adds. Two groups of lanes go together where there are enough neighbours: they are added to each
/// other before they are added to the sums, which halves the traffic of the sums.
module internal AniSoap.Kernels.MomentRecursion

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop

/// The parameters of a group of lanes, in the order in which they are stored: one vector of lanes each.
module Parameter =
    [<Literal>]
    let Weight = 0

    [<Literal>]
    let CX = 1

    [<Literal>]
    let CY = 2

    [<Literal>]
    let CZ = 3

    [<Literal>]
    let VXX = 4

    [<Literal>]
    let VXY = 5

    [<Literal>]
    let VXZ = 6

    [<Literal>]
    let VYY = 7

    [<Literal>]
    let VYZ = 8

    [<Literal>]
    let VZZ = 9

    [<Literal>]
    let Count = 10

/// Number of states of degree up to D.
let stateCount degree = (degree + 1) * (degree + 2) * (degree + 3) / 6

/// Length of the scratch memory in doubles: the slots of the creeping plane (one below the lowest for "row −1"),
/// and two rows for the history of row 0.
let scratchLength degree lanes groups = (2 * degree + 2 + 2) * (degree + 1) * lanes * groups

/// One block of one or two groups of lanes. `parameters`: for each parameter the vectors of the groups; `sums`: one vector of
/// lanes a state, in the order of computation (b, a, c), stored if `first`, else added to. Every literal argument is decided at compile time.
let inline run
    (two: bool)
    (first: bool)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] add: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] scale: float -> 'V -> 'V)
    ([<InlineIfLambda>] multiply: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    (degree: int)
    (parameters: nativeptr<float>)
    (scratch: nativeptr<float>)
    (sums: nativeptr<float>)
    =
    let groups = if two then 2 else 1
    let step = groups * lanes
    let rowLength = (degree + 1) * step
    let slots = NativePtr.add scratch (3 * rowLength)
    let mutable sum = sums

    let cxP = load (NativePtr.add parameters (Parameter.CX * step))

    let cxQ =
        if two then
            load (NativePtr.add parameters (Parameter.CX * step + lanes))
        else
            zero

    let vxzP = load (NativePtr.add parameters (Parameter.VXZ * step))

    let vxzQ =
        if two then
            load (NativePtr.add parameters (Parameter.VXZ * step + lanes))
        else
            zero

    for b in 0..degree do
        // Row 0 of this plane, into its slot and into the history (rows b − 1 and b − 2 of it take turns).
        let row0 = NativePtr.add slots ((degree - b) * rowLength)
        let history = NativePtr.add scratch ((b &&& 1) * rowLength)
        let before = NativePtr.add scratch (((b + 1) &&& 1) * rowLength)

        for g in 0 .. groups - 1 do
            let g = g * lanes
            let mutable previous = zero
            let mutable beforePrevious = zero

            if b = 0 then
                let cz = load (NativePtr.add parameters (Parameter.CZ * step + g))
                let vzz = load (NativePtr.add parameters (Parameter.VZZ * step + g))
                previous <- load (NativePtr.add parameters (Parameter.Weight * step + g))
                store (NativePtr.add row0 g) previous
                store (NativePtr.add history g) previous

                for c in 1..degree do
                    let value = scale (1.0 / float c) (multiplyAdd cz previous (multiply vzz beforePrevious))
                    store (NativePtr.add row0 (c * step + g)) value
                    store (NativePtr.add history (c * step + g)) value
                    beforePrevious <- previous
                    previous <- value
            else
                let cy = load (NativePtr.add parameters (Parameter.CY * step + g))
                let vyz = load (NativePtr.add parameters (Parameter.VYZ * step + g))
                let vyy = scale (float (b - 1)) (load (NativePtr.add parameters (Parameter.VYY * step + g)))

                for c in 0 .. degree - b do
                    let offset = c * step + g
                    let current = load (NativePtr.add before offset)
                    let older = load (NativePtr.add history offset)
                    let value = multiplyAdd cy current (multiplyAdd vyy older (multiply vyz previous))
                    store (NativePtr.add row0 offset) value
                    store (NativePtr.add history offset) value
                    previous <- current

        for c in 0 .. degree - b do
            let value =
                if two then
                    add (load (NativePtr.add row0 (c * step))) (load (NativePtr.add row0 (c * step + lanes)))
                else
                    load (NativePtr.add row0 (c * step))

            if first then
                store sum value
            else
                store sum (add (load sum) value)

            sum <- NativePtr.add sum lanes

        // The other rows, two at a time.
        let vxyP = scale (float b) (load (NativePtr.add parameters (Parameter.VXY * step)))

        let vxyQ =
            if two then
                scale (float b) (load (NativePtr.add parameters (Parameter.VXY * step + lanes)))
            else
                zero

        let vxxP = load (NativePtr.add parameters (Parameter.VXX * step))

        let vxxQ =
            if two then
                load (NativePtr.add parameters (Parameter.VXX * step + lanes))
            else
                zero

        let mutable a = 1
        // Slot a − 1 of this plane; a − 2 lies one row below, a and a + 1 above.
        let mutable below = row0

        while a + 1 <= degree - b do
            let below2 = NativePtr.add below -rowLength
            let row = NativePtr.add below rowLength
            let next = NativePtr.add row rowLength
            let length = degree - b - a
            let sumNext = NativePtr.add sum ((length + 1) * lanes)
            let firstP = scale (float (a - 1)) vxxP
            let secondP = scale (float a) vxxP
            let firstQ = if two then scale (float (a - 1)) vxxQ else zero
            let secondQ = if two then scale (float a) vxxQ else zero
            let mutable belowP = zero
            let mutable belowQ = zero
            let mutable rowP = zero
            let mutable rowQ = zero
            let mutable offset = 0
            let mutable into = 0

            for _ in 1..length do
                let x1P = load (NativePtr.add below offset)
                let x2P = load (NativePtr.add below2 offset)
                let o1P = load (NativePtr.add row offset)
                let o2P = load (NativePtr.add next offset)
                let y1P = multiplyAdd cxP x1P (multiplyAdd firstP x2P (multiplyAdd vxyP o1P (multiply vxzP belowP)))
                store (NativePtr.add row offset) y1P
                let y2P = multiplyAdd cxP y1P (multiplyAdd secondP x1P (multiplyAdd vxyP o2P (multiply vxzP rowP)))
                store (NativePtr.add next offset) y2P
                belowP <- x1P
                rowP <- y1P

                if two then
                    let offsetQ = offset + lanes
                    let x1Q = load (NativePtr.add below offsetQ)
                    let x2Q = load (NativePtr.add below2 offsetQ)
                    let o1Q = load (NativePtr.add row offsetQ)
                    let o2Q = load (NativePtr.add next offsetQ)
                    let y1Q = multiplyAdd cxQ x1Q (multiplyAdd firstQ x2Q (multiplyAdd vxyQ o1Q (multiply vxzQ belowQ)))
                    store (NativePtr.add row offsetQ) y1Q
                    let y2Q = multiplyAdd cxQ y1Q (multiplyAdd secondQ x1Q (multiplyAdd vxyQ o2Q (multiply vxzQ rowQ)))
                    store (NativePtr.add next offsetQ) y2Q
                    belowQ <- x1Q
                    rowQ <- y1Q
                    let here = NativePtr.add sum into
                    let there = NativePtr.add sumNext into

                    if first then
                        store here (add y1P y1Q)
                    else
                        store here (add (load here) (add y1P y1Q))

                    if first then
                        store there (add y2P y2Q)
                    else
                        store there (add (load there) (add y2P y2Q))
                else
                    let here = NativePtr.add sum into
                    let there = NativePtr.add sumNext into

                    if first then
                        store here y1P
                    else
                        store here (add (load here) y1P)

                    if first then
                        store there y2P
                    else
                        store there (add (load there) y2P)

                offset <- offset + step
                into <- into + lanes

            // The last state of row a, whose row is one longer.
            let x1P = load (NativePtr.add below offset)
            let x2P = load (NativePtr.add below2 offset)
            let o1P = load (NativePtr.add row offset)
            let y1P = multiplyAdd cxP x1P (multiplyAdd firstP x2P (multiplyAdd vxyP o1P (multiply vxzP belowP)))
            store (NativePtr.add row offset) y1P
            let here = NativePtr.add sum into

            if two then
                let offsetQ = offset + lanes
                let x1Q = load (NativePtr.add below offsetQ)
                let x2Q = load (NativePtr.add below2 offsetQ)
                let o1Q = load (NativePtr.add row offsetQ)
                let y1Q = multiplyAdd cxQ x1Q (multiplyAdd firstQ x2Q (multiplyAdd vxyQ o1Q (multiply vxzQ belowQ)))
                store (NativePtr.add row offsetQ) y1Q

                if first then
                    store here (add y1P y1Q)
                else
                    store here (add (load here) (add y1P y1Q))
            else if first then
                store here y1P
            else
                store here (add (load here) y1P)

            sum <- NativePtr.add sumNext (length * lanes)
            below <- next
            a <- a + 2

        // A row left over is the one with a = D − b: a single state.
        if a = degree - b then
            let below2 = NativePtr.add below -rowLength
            let row = NativePtr.add below rowLength

            for g in 0 .. groups - 1 do
                let g = g * lanes
                let cx = load (NativePtr.add parameters (Parameter.CX * step + g))
                let vxx = scale (float (a - 1)) (load (NativePtr.add parameters (Parameter.VXX * step + g)))
                let vxy = scale (float b) (load (NativePtr.add parameters (Parameter.VXY * step + g)))
                let x1 = load (NativePtr.add below g)
                let x2 = load (NativePtr.add below2 g)
                let o1 = load (NativePtr.add row g)
                let value = multiplyAdd cx x1 (multiplyAdd vxx x2 (multiply vxy o1))
                store (NativePtr.add row g) value

                if first && g = 0 then
                    store sum value
                else
                    store sum (add (load sum) value)

            sum <- NativePtr.add sum lanes
