namespace AniSoap

open System
open AniSoap.Numerics

/// A radial function of site distances as cubic pieces in s = r², 128 to every doubling of s, so that one is found by the leading bits of s alone: no root, no division. Pieces
/// join with their slopes; energies and forces are of the same pieces, forces exactly their derivatives. Below the first distance it goes on as a straight line in r; from the last
/// one on it is 0.
[<Sealed>]
type SiteTable private (first: int64, pieces: float[], inner: float, outer: float, value: float, slope: float) =
    // Bits of the mantissa that count pieces: 7.
    static let shift = 45
    static let below = (1L <<< shift) - 1L

    static let knot (number: int64) = BitConverter.Int64BitsToDouble(number <<< shift)

    let buffer =
        let buffer = AlignedBuffer pieces.Length
        ReadOnlySpan(pieces).CopyTo buffer.Span
        buffer

    static member internal Shift = shift
    /// Bytes of a piece.
    static member internal PieceLength = 32
    static member internal Below = below

    /// The number of the piece at the beginning.
    member internal _.First = first
    /// Four coefficients of s − s_k a piece.
    member internal _.Buffer = buffer
    /// Squares of the distances between which the pieces are.
    member internal _.InnerSquare = knot first
    member internal _.OuterSquare = outer * outer

    /// From here on there is nothing.
    member _.Outer = outer

    /// u and (du/dr)/r below the first distance.
    member internal _.Inside(distance: float) : struct (float * float) =
        let r = max distance 1e-300
        struct (value + slope * (distance - inner), slope / r)

    /// u and (du/dr)/r at a distance.
    member table.At(distance: float) : struct (float * float) =
        let s = distance * distance

        if s >= table.OuterSquare then
            struct (0.0, 0.0)
        elif s < table.InnerSquare then
            table.Inside distance
        else
            let bits = BitConverter.DoubleToInt64Bits s
            let k = 4 * int ((bits >>> shift) - first)
            let x = s - BitConverter.Int64BitsToDouble(bits &&& ~~~below)
            let c0, c1, c2, c3 = pieces[k], pieces[k + 1], pieces[k + 2], pieces[k + 3]
            struct (c0 + x * (c1 + x * (c2 + x * c3)), 2.0 * (c1 + x * (2.0 * c2 + 3.0 * x * c3)))

    /// The table of a function, u and du/dr by r, from one distance to another. Refuses distances that are not in order and values that are not finite.
    static member Create
        (inner: float, outer: float, f: Func<float, struct (float * float)>)
        : Result<SiteTable, AniSoapError> =
        if not (inner > 0.0 && outer > inner && Double.IsFinite outer) then
            AniSoapError.invalid
                "distances of a radial function"
                (string inner + ", " + string outer)
                "two above zero in order"
            |> Error
        else
            let start = BitConverter.DoubleToInt64Bits(inner * inner) >>> shift
            let stop = BitConverter.DoubleToInt64Bits(outer * outer) >>> shift
            let count = int (stop - start) + 1
            let pieces = Array.zeroCreate<float>(4 * count)

            let at (number: int64) =
                let s = knot number

                if s >= outer * outer then
                    struct (0.0, 0.0)
                else
                    let r = sqrt s
                    let struct (u, slope) = f.Invoke r
                    struct (u, slope / (2.0 * r))

            for k in 0 .. count - 1 do
                let s0, s1 = knot (start + int64 k), knot (start + int64 k + 1L)
                let struct (u0, d0) = at (start + int64 k)
                let struct (u1, d1) = at (start + int64 k + 1L)
                let h = s1 - s0
                let rise = (u1 - u0) / h
                pieces[4 * k] <- u0
                pieces[4 * k + 1] <- d0
                pieces[4 * k + 2] <- (3.0 * rise - 2.0 * d0 - d1) / h
                pieces[4 * k + 3] <- (d0 + d1 - 2.0 * rise) / (h * h)

            let struct (value, slope) = f.Invoke inner

            if pieces |> Array.exists (fun c -> not (Double.IsFinite c)) then
                AniSoapError.invalid "radial function" nan "finite values" |> Error
            else
                // The first piece begins at or before the first distance.
                let r = sqrt (knot start)
                let struct (value, slope) = if r < inner then f.Invoke r else struct (value, slope)
                Ok(SiteTable(start, pieces, min r inner, outer, value, slope))
