namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Energies of pairs of bodies: a site of the first with eight of the second at a time. d is the vector between two sites, s its square, u the table's function; 2 u′(s) d is what the
/// first site is pulled by. The four coefficients of eight pieces are loaded piece by piece and exchanged between lanes.
module internal SiteEnergyKernel =
    let inline private all (x: float) : Vector512<float> = Vector512.Create(x: float)

    let inline private load (numbers: nativeptr<float>) at : Vector512<float> = Vector512.Load(NativePtr.add numbers at)

    let inline private fma (x: Vector512<float>) (y: Vector512<float>) (z: Vector512<float>) : Vector512<float> =
        Vector512.MultiplyAddEstimate(x, y, z)

    let inline private pieceAt (addresses: nativeptr<int64>) k : nativeptr<float> =
        NativePtr.ofNativeInt (nativeint (NativePtr.get addresses k))

    let inline private two (addresses: nativeptr<int64>) k : Vector512<float> =
        Vector512.Create(Vector256.Load(pieceAt addresses k), Vector256.Load(pieceAt addresses (k + 4)))

    let inline private coefficient (addresses: nativeptr<int64>) k : Vector512<float> =
        let inline of' lane = NativePtr.get (pieceAt addresses lane) k
        Vector512.Create(of' 0, of' 1, of' 2, of' 3, of' 4, of' 5, of' 6, of' 7)

    /// u and u′(s) of those of eight squares that are below where their tables begin.
    let private near
        (layout: SiteLayout)
        kind
        body
        block
        (squares: Vector512<float>)
        : struct (Vector512<float> * Vector512<float>) =
        let mutable energies = Vector512<float>.Zero
        let mutable pulls = Vector512<float>.Zero

        for lane in 0 .. SiteLayout.Lanes - 1 do
            let s = squares.GetElement lane
            let table = layout.Table(kind, body, SiteLayout.Lanes * block + lane)

            if s < table.InnerSquare then
                let struct (u, slope) = table.Inside(sqrt s)
                energies <- energies.WithElement(lane, u)
                pulls <- pulls.WithElement(lane, 0.5 * slope)

        struct (energies, pulls)

    /// What a pair's r = r_j − r_i brings, times `share`: `sums` are 6 numbers a particle, force and torque, then nine of the virial and the energy. The numbers of the two bodies
    /// begin at `first` and `second`. Gives the energy, times `share`.
    let addPair
        (layout: SiteLayout)
        (firstBody: int)
        (first: nativeptr<float>)
        (secondBody: int)
        (second: nativeptr<float>)
        center
        neighbor
        (x: float)
        (y: float)
        (z: float)
        (share: float)
        (sums: float[])
        =
        FullOptimization.ask ()
        let addresses = NativePtr.stackalloc<int64> 8

        let types, blocks, meetings =
            layout.Types firstBody, layout.Blocks secondBody, layout.Meetings secondBody

        let rx, ry, rz = all x, all y, all z
        let mutable energy = Vector512<float>.Zero
        // Σ over pairs of sites of half of what pulls the first, and its torque.
        let mutable fx = Vector512<float>.Zero
        let mutable fy = Vector512<float>.Zero
        let mutable fz = Vector512<float>.Zero
        let mutable tx = Vector512<float>.Zero
        let mutable ty = Vector512<float>.Zero
        let mutable tz = Vector512<float>.Zero

        for a in 0 .. types.Length - 1 do
            let at = NativePtr.add first (SiteLayout.Place a)
            let ax, ay, az = all (NativePtr.get at 0), all (NativePtr.get at 8), all (NativePtr.get at 16)
            let ox, oy, oz = rx - ax, ry - ay, rz - az
            let mutable gx = Vector512<float>.Zero
            let mutable gy = Vector512<float>.Zero
            let mutable gz = Vector512<float>.Zero

            for b in 0 .. blocks - 1 do
                let meeting = NativePtr.add meetings (24 * (types[a] * blocks + b))
                let dx = ox + load second (24 * b)
                let dy = oy + load second (24 * b + 8)
                let dz = oz + load second (24 * b + 16)
                let s = fma dx dx (fma dy dy (dz * dz))
                let outer = load meeting 16

                if Vector512.LessThanAny(s, outer) then
                    let inner = load meeting 8
                    let isInside = Vector512.GreaterThanOrEqual(s, inner) &&& Vector512.LessThan(s, outer)
                    // The piece by the leading bits, from its beginning on.
                    let clamped = Vector512.Min(Vector512.Max(s, inner), outer)
                    let number = Vector512.ShiftRightLogical(clamped.AsInt64(), 45)
                    let t = clamped - Vector512.ShiftLeft(number, 45).AsDouble()
                    let origins = (load meeting 0).AsInt64()
                    Vector512.Store(origins + Vector512.ShiftLeft(number, 5), addresses)
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
                    let mutable u = fma (fma (c2 + c3t) t c1) t c0 &&& isInside
                    let mutable pull = fma (fma c3t (all 3.0) (c2 + c2)) t c1 &&& isInside

                    if Vector512.LessThanAny(s, inner) then
                        let struct (energies, pulls) = near layout types[a] secondBody b s
                        u <- u + energies
                        pull <- pull + pulls

                    energy <- energy + u
                    gx <- fma pull dx gx
                    gy <- fma pull dy gy
                    gz <- fma pull dz gz

            fx <- fx + gx
            fy <- fy + gy
            fz <- fz + gz
            tx <- tx + (ay * gz - az * gy)
            ty <- ty + (az * gx - ax * gz)
            tz <- tz + (ax * gy - ay * gx)

        let scale = 2.0 * share
        let fx, fy, fz = scale * Vector512.Sum fx, scale * Vector512.Sum fy, scale * Vector512.Sum fz
        let tx, ty, tz = scale * Vector512.Sum tx, scale * Vector512.Sum ty, scale * Vector512.Sum tz
        let energy = share * Vector512.Sum energy
        EnergySums.AddPair(sums, center, neighbor, x, y, z, fx, fy, fz, tx, ty, tz, energy)
        energy
