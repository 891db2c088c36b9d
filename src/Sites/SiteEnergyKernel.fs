namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Energies of a centre's pairs of bodies: u of a pair of sites is its table's, 2 u′(s) d what the first site is pulled by. Tables are asked for eight gathered pairs at a time (`look`), and
/// what they say is put back to where the pairs stand (`pull`).
module internal SiteEnergyKernel =
    open SiteReach

    let inline private pieceAt (addresses: nativeptr<int64>) k : nativeptr<float> =
        NativePtr.ofNativeInt (nativeint (NativePtr.get addresses k))

    let inline private two (addresses: nativeptr<int64>) k : Vector512<float> =
        Vector512.Create(Vector256.Load(pieceAt addresses k), Vector256.Load(pieceAt addresses (k + 4)))

    let inline private coefficient (addresses: nativeptr<int64>) k : Vector512<float> =
        let inline of' lane = NativePtr.get (pieceAt addresses lane) k
        Vector512.Create(of' 0, of' 1, of' 2, of' 3, of' 4, of' 5, of' 6, of' 7)

    /// u and u′(s) of those of eight squares that are below where their tables begin, the others as they are.
    let private near
        (layout: SiteLayout)
        (origins: Vector512<float>)
        (inner: Vector512<float>)
        (squares: Vector512<float>)
        (u: Vector512<float>)
        (pull: Vector512<float>)
        : struct (Vector512<float> * Vector512<float>) =
        let mutable energies = u
        let mutable pulls = pull

        for lane in 0 .. SiteLayout.Lanes - 1 do
            let s = squares.GetElement lane

            if s < inner.GetElement lane then
                let struct (u, slope) = layout.TableOf(origins.GetElement lane).Inside(sqrt s)
                energies <- energies.WithElement(lane, u)
                pulls <- pulls.WithElement(lane, 0.5 * slope)

        struct (energies, pulls)

    /// Asks the tables for so many gathered pairs, and gives the sum of their energies. The four coefficients of eight pieces are loaded piece by piece and exchanged between lanes.
    let look (layout: SiteLayout) (work: SiteWork) (count: int) : float =
        FullOptimization.ask ()
        let addresses = NativePtr.stackalloc<int64> 8
        let isSingle = layout.IsSingle
        let struct (origin, innermost, outermost) = layout.Harmless
        // The last vector's other lanes have something to look up too.
        store (all outermost) work.Squares count

        if not isSingle then
            store (all origin) work.Origins count
            store (all innermost) work.Inners count

        let mutable energy = Vector512<float>.Zero
        let mutable origins = all origin
        let mutable inner = all innermost

        for k in 0 .. SiteLayout.Lanes .. count - 1 do
            let s = load work.Squares k

            if not isSingle then
                origins <- load work.Origins k
                inner <- load work.Inners k

            // The piece by the leading bits, from its beginning on.
            let clamped = Vector512.Max(s, inner)
            let number = Vector512.ShiftRightLogical(clamped.AsInt64(), 45)
            let t = clamped - Vector512.ShiftLeft(number, 45).AsDouble()
            Vector512.Store(origins.AsInt64() + Vector512.ShiftLeft(number, 5), addresses)
            let mutable c0 = Vector512<float>.Zero
            let mutable c1 = Vector512<float>.Zero
            let mutable c2 = Vector512<float>.Zero
            let mutable c3 = Vector512<float>.Zero

            if Avx512F.IsSupported then
                let p0, p1 = two addresses 0, two addresses 1
                let p2, p3 = two addresses 2, two addresses 3
                let even0, odd0 = Avx512F.UnpackLow(p0, p1), Avx512F.UnpackHigh(p0, p1)
                let even1, odd1 = Avx512F.UnpackLow(p2, p3), Avx512F.UnpackHigh(p2, p3)
                let low = Vector512.Create(0L, 1L, 8L, 9L, 4L, 5L, 12L, 13L)
                let high = Vector512.Create(2L, 3L, 10L, 11L, 6L, 7L, 14L, 15L)
                c0 <- Avx512F.PermuteVar8x64x2(even0, low, even1)
                c1 <- Avx512F.PermuteVar8x64x2(odd0, low, odd1)
                c2 <- Avx512F.PermuteVar8x64x2(even0, high, even1)
                c3 <- Avx512F.PermuteVar8x64x2(odd0, high, odd1)
            else
                c0 <- coefficient addresses 0
                c1 <- coefficient addresses 1
                c2 <- coefficient addresses 2
                c3 <- coefficient addresses 3

            let c3t = c3 * t
            let mutable u = fma (fma (c2 + c3t) t c1) t c0
            let mutable pull = fma (fma c3t (all 3.0) (c2 + c2)) t c1

            if Vector512.LessThanAny(s, inner) then
                let struct (energies, pulls) = near layout origins inner s u pull
                u <- energies
                pull <- pulls

            if count - k < SiteLayout.Lanes then
                let lanes = Vector512.Create(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L)
                u <- u &&& Vector512.LessThan(lanes, Vector512.Create(int64 (count - k))).AsDouble()

            energy <- energy + u
            store u work.Energies k
            store pull work.Pulls k

        Vector512.Sum energy

    /// The sums of eight vectors' lanes.
    let inline private sums
        (a: Vector512<float>)
        (b: Vector512<float>)
        (c: Vector512<float>)
        (d: Vector512<float>)
        (e: Vector512<float>)
        (f: Vector512<float>)
        (g: Vector512<float>)
        : Vector512<float> =
        if Avx512F.IsSupported then
            let low = Vector512.Create(0L, 1L, 8L, 9L, 4L, 5L, 12L, 13L)
            let high = Vector512.Create(2L, 3L, 10L, 11L, 6L, 7L, 14L, 15L)
            let h = Vector512<float>.Zero
            let ab = Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b)
            let cd = Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d)
            let ef = Avx512F.UnpackLow(e, f) + Avx512F.UnpackHigh(e, f)
            let gh = Avx512F.UnpackLow(g, h) + Avx512F.UnpackHigh(g, h)
            let abcd = Avx512F.PermuteVar8x64x2(ab, low, cd) + Avx512F.PermuteVar8x64x2(ab, high, cd)
            let efgh = Avx512F.PermuteVar8x64x2(ef, low, gh) + Avx512F.PermuteVar8x64x2(ef, high, gh)

            Avx512F.Shuffle4x128(abcd, efgh, 0x44uy)
            + Avx512F.Shuffle4x128(abcd, efgh, 0xeeuy)
        else
            Vector512.Create(
                Vector512.Sum a,
                Vector512.Sum b,
                Vector512.Sum c,
                Vector512.Sum d,
                Vector512.Sum e,
                Vector512.Sum f,
                Vector512.Sum g,
                0.0
            )

    /// Adds forces, torques and the virial of a centre's gathered pairs, times `share`; where `isDivided`, half of each pair's energy to each of its bodies.
    let pull
        (layout: SiteLayout)
        (work: SiteWork)
        (neighbors: NeighborBuffer)
        (firstBody: int)
        (first: nativeptr<float>)
        (center: int)
        (bodyOf: int[])
        (siteOf: int[])
        (lab: nativeptr<float>)
        (share: float)
        (isDivided: bool)
        (into: EnergySum)
        =
        FullOptimization.ask ()
        let types = layout.Types firstBody
        let ends, pulls, energies = work.Ends, work.Pulls, work.Energies
        // As rows of sums are: force, energy, torque, nothing.
        let twice, half = 2.0 * share, (if isDivided then 0.5 * share else 0.0)
        let scale = Vector512.Create(twice, twice, twice, half, twice, twice, twice, 0.0)
        let opposite = Vector256.Create(-1.0, -1.0, -1.0, 1.0)
        let virial = into.Virial
        let mutable own = Vector512<float>.Zero
        let mutable wx = Vector256<float>.Zero
        let mutable wy = Vector256<float>.Zero
        let mutable wz = Vector256<float>.Zero
        let mutable count = 0

        for k in 0 .. neighbors.Count - 1 do
            if ends[k] > count then
                let neighbor = neighbors.Second[k]
                let body = bodyOf[neighbor]
                let blocks, meetings = layout.Blocks body, layout.Meetings body
                let mutable energy = Vector512<float>.Zero
                let mutable fx = Vector512<float>.Zero
                let mutable fy = Vector512<float>.Zero
                let mutable fz = Vector512<float>.Zero
                let mutable tx = Vector512<float>.Zero
                let mutable ty = Vector512<float>.Zero
                let mutable tz = Vector512<float>.Zero

                for b in 0 .. blocks - 1 do
                    let second = NativePtr.add lab (siteOf[neighbor] + SiteLayout.Width * b)
                    let x = all neighbors.X[k] + load second 0
                    let y = all neighbors.Y[k] + load second 8
                    let z = all neighbors.Z[k] + load second 16

                    for a in 0 .. types.Length - 1 do
                        let at = NativePtr.add first (SiteLayout.Place a)
                        let meeting = NativePtr.add meetings (SiteLayout.Width * (types[a] * blocks + b))
                        let ax, ay, az = all (NativePtr.get at 0), all (NativePtr.get at 8), all (NativePtr.get at 16)
                        let dx, dy, dz = x - ax, y - ay, z - az
                        let mask = Vector512.LessThan(square dx dy dz, load meeting 16)
                        let bits = Vector512.ExtractMostSignificantBits mask
                        let pull = unpack mask bits pulls count
                        // Where nothing is, 0 times far is 0.
                        let gx, gy, gz = pull * dx, pull * dy, pull * dz
                        fx <- fx + gx
                        fy <- fy + gy
                        fz <- fz + gz
                        tx <- tx + (ay * gz - az * gy)
                        ty <- ty + (az * gx - ax * gz)
                        tz <- tz + (ax * gy - ay * gx)

                        if isDivided then
                            energy <- energy + unpack mask bits energies count

                        count <- count + countOf bits

                let brought = scale * sums fx fy fz energy tx ty tz
                own <- own + brought
                let force, torque = brought.GetLower(), brought.GetUpper()
                let rx, ry, rz = neighbors.X[k], neighbors.Y[k], neighbors.Z[k]
                wx <- wx - Vector256.Create rx * force
                wy <- wy - Vector256.Create ry * force
                wz <- wz - Vector256.Create rz * force
                // The neighbour's torque is what turning everything leaves for it: r × f − t.
                let r = Vector256.Create(rx, ry, rz, 0.0)
                let r1 = Vector256.Shuffle(r, Vector256.Create(1L, 2L, 0L, 3L))
                let r2 = Vector256.Shuffle(r, Vector256.Create(2L, 0L, 1L, 3L))
                let f1 = Vector256.Shuffle(force, Vector256.Create(1L, 2L, 0L, 3L))
                let f2 = Vector256.Shuffle(force, Vector256.Create(2L, 0L, 1L, 3L))
                let other = Vector512.Create(opposite * force, r1 * f2 - r2 * f1 - torque)
                let row = into.Row neighbor
                store (load row 0 + other) row 0

        let row = into.Row center
        store (load row 0 + own) row 0

        let inline add (value: Vector256<float>) at =
            let at = NativePtr.add virial at
            Vector256.Store(Vector256.Load at + value, at)

        add wx 0
        add wy 4
        add wz 8
