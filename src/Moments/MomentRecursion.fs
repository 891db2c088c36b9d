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
module internal AniSoap.Numerics.MomentRecursion

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics.MomentStates

/// One block of one, two or three groups of lanes. `parameters`: for each parameter the vectors of the groups; `sums`: one vector of
/// lanes a state, in the order of computation (b, a, c), stored if `first`, else added to; `kept`, if `keep`: the moments themselves, for each state the
/// vectors of the groups, for those who need the pairs' moments again. Without `summed` there are no sums. `afterPlane`
/// is told each b once all rows of its plane are there, and where row 0 of them begins (row a: a times `rowLength` behind it; for each state the
/// vectors of the groups). Every literal argument is decided at compile time.
let inline run
    (groups: int)
    (first: bool)
    (keep: bool)
    (summed: bool)
    (lanes: int)
    (zero: 'V)
    ([<InlineIfLambda>] load: nativeptr<float> -> 'V)
    ([<InlineIfLambda>] store: nativeptr<float> -> 'V -> unit)
    ([<InlineIfLambda>] add: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] scale: float -> 'V -> 'V)
    ([<InlineIfLambda>] multiply: 'V -> 'V -> 'V)
    ([<InlineIfLambda>] multiplyAdd: 'V -> 'V -> 'V -> 'V)
    ([<InlineIfLambda>] afterPlane: int -> nativeptr<float> -> unit)
    (degree: int)
    (parameters: nativeptr<float>)
    (scratch: nativeptr<float>)
    (sums: nativeptr<float>)
    (kept: nativeptr<float>)
    =
    let step = groups * lanes
    let rowLength = rowLength degree step
    let slots = NativePtr.add scratch (3 * rowLength)
    let mutable sum = sums
    let mutable keeping = kept

    // The vector of a parameter for group g; nothing is loaded for groups that there are not.
    let inline given g parameter =
        if groups > g then
            load (NativePtr.add parameters (parameter * step + g * lanes))
        else
            zero

    // One state along x: from the one below it, the one below that, the one of the plane before, and the one before in its row.
    let inline next cx below first below2 vxy old vxz before =
        multiplyAdd cx below (multiplyAdd first below2 (multiplyAdd vxy old (multiply vxz before)))

    let inline addTo sum value =
        if summed && first then
            Fetch.toStore (NativePtr.add sum (FetchAhead * lanes))
            store sum value
        elif summed then
            store sum (add (load sum) value)

    for b in 0..degree do
        // Row 0 of this plane, into its slot and into the history (rows b − 1 and b − 2 of it take turns).
        let row0 = NativePtr.add slots ((degree - b) * rowLength)
        let history = NativePtr.add scratch ((b &&& 1) * rowLength)
        let before = NativePtr.add scratch (((b + 1) &&& 1) * rowLength)

        if b = 0 then
            MomentRowZero.first
                groups
                keep
                lanes
                zero
                load
                store
                add
                scale
                multiply
                multiplyAdd
                addTo
                degree
                parameters
                row0
                history
                sum
                keeping
        else
            MomentRowZero.later
                groups
                keep
                lanes
                zero
                load
                store
                add
                scale
                multiply
                multiplyAdd
                addTo
                degree
                b
                parameters
                row0
                history
                before
                sum
                keeping

        sum <- NativePtr.add sum ((degree - b + 1) * lanes)

        if keep then
            keeping <- NativePtr.add keeping ((degree - b + 1) * step)

        // P, Q and R are the first, second and third group. Taken once a plane: no register lives over what follows a plane.
        let cxP = given 0 Parameter.CX
        let cxQ = given 1 Parameter.CX
        let cxR = given 2 Parameter.CX
        let vxzP = given 0 Parameter.VXZ
        let vxzQ = given 1 Parameter.VXZ
        let vxzR = given 2 Parameter.VXZ

        // The other rows, two at a time.
        let vxyP = scale (float b) (given 0 Parameter.VXY)
        let vxyQ = scale (float b) (given 1 Parameter.VXY)
        let vxyR = scale (float b) (given 2 Parameter.VXY)
        let vxxP = given 0 Parameter.VXX
        let vxxQ = given 1 Parameter.VXX
        let vxxR = given 2 Parameter.VXX
        let mutable a = 1
        // Slot a − 1 of this plane; a − 2 lies one row below, a and a + 1 above.
        let mutable below = row0

        while a + 1 <= degree - b do
            let length = degree - b - a
            let above = NativePtr.add below (2 * rowLength)
            // Rows a − 2, a − 1, a and a + 1, and the sums of the latter two.
            let mutable row2 = NativePtr.add below -rowLength
            let mutable row1 = below
            let mutable row = NativePtr.add below rowLength
            let mutable rowNext = above
            let mutable into = sum
            let mutable intoNext = NativePtr.add sum ((length + 1) * lanes)
            sum <- NativePtr.add intoNext (length * lanes)
            let mutable keepRow = keeping
            let mutable keepNext = NativePtr.add keeping ((length + 1) * step)

            if keep then
                keeping <- NativePtr.add keepNext (length * step)

            let firstP = scale (float (a - 1)) vxxP
            let secondP = scale (float a) vxxP
            let mutable belowP = zero
            let mutable rowP = zero
            let firstQ = scale (float (a - 1)) vxxQ
            let secondQ = scale (float a) vxxQ
            let mutable belowQ = zero
            let mutable rowQ = zero
            let firstR = scale (float (a - 1)) vxxR
            let secondR = scale (float a) vxxR
            let mutable belowR = zero
            let mutable rowR = zero

            for _ in 1..length do
                let x = load row1
                let y = next cxP x firstP (load row2) vxyP (load row) vxzP belowP
                store row y
                let z = next cxP y secondP x vxyP (load rowNext) vxzP rowP
                store rowNext z
                belowP <- x
                rowP <- y

                if keep then
                    store keepRow y
                    store keepNext z

                let mutable total = y
                let mutable totalNext = z

                if groups > 1 then
                    let x = load (NativePtr.add row1 lanes)
                    let old = load (NativePtr.add row lanes)
                    let y = next cxQ x firstQ (load (NativePtr.add row2 lanes)) vxyQ old vxzQ belowQ
                    store (NativePtr.add row lanes) y
                    let z = next cxQ y secondQ x vxyQ (load (NativePtr.add rowNext lanes)) vxzQ rowQ
                    store (NativePtr.add rowNext lanes) z
                    belowQ <- x
                    rowQ <- y

                    if keep then
                        store (NativePtr.add keepRow lanes) y
                        store (NativePtr.add keepNext lanes) z

                    total <- add total y
                    totalNext <- add totalNext z

                if groups > 2 then
                    let x = load (NativePtr.add row1 (2 * lanes))
                    let old = load (NativePtr.add row (2 * lanes))
                    let y = next cxR x firstR (load (NativePtr.add row2 (2 * lanes))) vxyR old vxzR belowR
                    store (NativePtr.add row (2 * lanes)) y
                    let z = next cxR y secondR x vxyR (load (NativePtr.add rowNext (2 * lanes))) vxzR rowR
                    store (NativePtr.add rowNext (2 * lanes)) z
                    belowR <- x
                    rowR <- y

                    if keep then
                        store (NativePtr.add keepRow (2 * lanes)) y
                        store (NativePtr.add keepNext (2 * lanes)) z

                    total <- add total y
                    totalNext <- add totalNext z

                addTo into total
                addTo intoNext totalNext
                row2 <- NativePtr.add row2 step
                row1 <- NativePtr.add row1 step
                row <- NativePtr.add row step
                rowNext <- NativePtr.add rowNext step
                into <- NativePtr.add into lanes
                intoNext <- NativePtr.add intoNext lanes

                if keep then
                    keepRow <- NativePtr.add keepRow step
                    keepNext <- NativePtr.add keepNext step

            // The last state of row a, whose row is one longer. Nobody needs it in this plane's row a + 1.
            let y = next cxP (load row1) firstP (load row2) vxyP (load row) vxzP belowP
            store row y

            if keep then
                store keepRow y

            let mutable total = y

            if groups > 1 then
                let old = load (NativePtr.add row lanes)
                let x = load (NativePtr.add row1 lanes)
                let y = next cxQ x firstQ (load (NativePtr.add row2 lanes)) vxyQ old vxzQ belowQ
                store (NativePtr.add row lanes) y

                if keep then
                    store (NativePtr.add keepRow lanes) y

                total <- add total y

            if groups > 2 then
                let old = load (NativePtr.add row (2 * lanes))
                let x = load (NativePtr.add row1 (2 * lanes))
                let y = next cxR x firstR (load (NativePtr.add row2 (2 * lanes))) vxyR old vxzR belowR
                store (NativePtr.add row (2 * lanes)) y

                if keep then
                    store (NativePtr.add keepRow (2 * lanes)) y

                total <- add total y

            addTo into total
            below <- above
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

                if keep then
                    store (NativePtr.add keeping g) value

                if summed && first && g = 0 then
                    store sum value
                elif summed then
                    store sum (add (load sum) value)

            sum <- NativePtr.add sum lanes

            if keep then
                keeping <- NativePtr.add keeping step

        afterPlane b row0
