namespace AniSoap.Learning

open System
open AniSoap

/// How the interaction of two sites ends: times ½ (1 + cos(π (r − R + w) / w)) over the length w before R, nothing from there on.
[<Struct>]
type SiteCutoff = {
    /// R, in the length unit of the input: a distance of sites.
    Radius: float
    /// w, from 0 to R.
    SmoothingWidth: float
}

/// The radial functions of sites that potentials are linear in: exp(−a_k (r/ℓ − 1)) with rates a_k from a few decays a diameter to walls as steep as those of
/// atoms. ℓ is the unit, the thinnest diameter of the bodies. Each rate but the first is a sum of two before it, so that one exponential gives all.
module internal SiteExponentials =
    let rates = [| 1.0; 2.0; 3.0; 4.0; 6.0; 8.0; 12.0; 16.0; 24.0; 32.0; 48.0; 64.0 |]

    /// The two whose product is a function, from the second on.
    let factors = [|
        struct (0, 0)
        struct (0, 0)
        struct (1, 0)
        struct (1, 1)
        struct (2, 2)
        struct (3, 3)
        struct (4, 4)
        struct (5, 5)
        struct (6, 6)
        struct (7, 7)
        struct (8, 8)
        struct (9, 9)
    |]

    let count = rates.Length

/// The cutoff of sites.
module SiteCutoff =
    /// f, f′ and f″ at a distance.
    let internal at (cutoff: SiteCutoff) (distance: float) : struct (float * float * float) =
        let depth = cutoff.Radius - distance

        if depth <= 0.0 then
            struct (0.0, 0.0, 0.0)
        elif depth >= cutoff.SmoothingWidth then
            struct (1.0, 0.0, 0.0)
        else
            let k = Math.PI / cutoff.SmoothingWidth
            let struct (s, c) = Math.SinCos(k * depth)
            struct (0.5 * (1.0 - c), -0.5 * k * s, 0.5 * k * k * c)

    /// Refuses lengths that mean nothing.
    let create (radius: float) (smoothingWidth: float) : Result<SiteCutoff, AniSoapError> =
        if not (Double.IsFinite radius && radius > 0.0) then
            Refuse.number "site cutoff" radius "a finite number above zero"
        elif not (smoothingWidth >= 0.0 && smoothingWidth <= radius) then
            Refuse.number
                "smoothing width of the site cutoff"
                smoothingWidth
                (String.Concat("0 to the cutoff, ", Refuse.text radius))
        else
            Ok { Radius = radius; SmoothingWidth = smoothingWidth }

/// Cubic B-splines on equal pieces (C. de Boor, A Practical Guide to Splines, chapter IX): number k covers the pieces k − 3 to k, of which piece 0 begins at the
/// start: of n pieces n + 3 splines are.
module internal SiteSplines =
    /// The number of the first of the four that are not zero at a distance; their values, slopes and second derivatives, four each, into twelve numbers.
    let fill (start: float) (spacing: float) (r: float) (into: float[]) : int =
        let x = (r - start) / spacing
        let piece = floor x
        let t = x - piece
        let w = 1.0 - t
        let h = spacing
        into[11] <- t / (h * h)
        into[0] <- w * w * w / 6.0
        into[1] <- (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0
        into[2] <- (4.0 - 6.0 * w * w + 3.0 * w * w * w) / 6.0
        into[3] <- t * t * t / 6.0
        into[4] <- -0.5 * w * w / h
        into[5] <- (-2.0 * t + 1.5 * t * t) / h
        into[6] <- (2.0 * w - 1.5 * w * w) / h
        into[7] <- 0.5 * t * t / h
        into[8] <- w / (h * h)
        into[9] <- (3.0 * t - 2.0) / (h * h)
        into[10] <- (3.0 * w - 2.0) / (h * h)
        int piece

    /// The same in an array of its own.
    let at (start: float) (spacing: float) (r: float) : struct (int * float[]) =
        let values = Array.zeroCreate<float> 12
        struct (fill start spacing r values, values)
