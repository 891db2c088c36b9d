/// What it costs to write beyond the first-level cache, measured, since processors differ: a Xeon (family 6, model 207) takes four cycles a line, time for seven multiply-adds; on an AMD
/// Zen 4 or 5 moments that were written and read again were faster than moments computed twice. Nothing but speed depends on it: what is computed in one of two ways gives the same numbers
/// to the last bit.
module internal AniSoap.Numerics.StoreCost

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Diagnostics
open System.Runtime.Intrinsics

let private shortest rounds (run: unit -> unit) =
    let mutable least = System.Int64.MaxValue

    for _ in 1..rounds do
        let start = Stopwatch.GetTimestamp()
        run ()
        least <- min least (Stopwatch.GetTimestamp() - start)

    float (max 1L least)

let private chains = 8
let private chainRounds = 400

/// Eight independent chains of multiply-adds, two a cycle at four cycles each.
let private compute<'L, 'V when 'L :> ILanes<'V>> (buffer: AlignedBuffer) =
    FullOptimization.ask ()
    let factor = 'L.Fill 0.999
    let mutable a = 'L.Fill 0.1
    let mutable b = 'L.Fill 0.2
    let mutable c = 'L.Fill 0.3
    let mutable d = 'L.Fill 0.4
    let mutable e = 'L.Fill 0.5
    let mutable f = 'L.Fill 0.6
    let mutable g = 'L.Fill 0.7
    let mutable h = 'L.Fill 0.8

    for _ in 1..chainRounds do
        a <- 'L.MultiplyAdd(a, factor, factor)
        b <- 'L.MultiplyAdd(b, factor, factor)
        c <- 'L.MultiplyAdd(c, factor, factor)
        d <- 'L.MultiplyAdd(d, factor, factor)
        e <- 'L.MultiplyAdd(e, factor, factor)
        f <- 'L.MultiplyAdd(f, factor, factor)
        g <- 'L.MultiplyAdd(g, factor, factor)
        h <- 'L.MultiplyAdd(h, factor, factor)

    // Stored so that the loop is not left out.
    let sum = 'L.Add('L.Add('L.Add(a, b), 'L.Add(c, d)), 'L.Add('L.Add(e, f), 'L.Add(g, h)))

    'L.Store(buffer.Pointer, 0, sum)

let private write<'L, 'V when 'L :> ILanes<'V>> (buffer: AlignedBuffer) =
    FullOptimization.ask ()
    let value = 'L.Fill 0.5
    let place = buffer.Pointer

    for i in 0 .. buffer.Length / 'L.Count - 1 do
        'L.Store(place, i * 'L.Count, value)

/// Multiply-adds of vectors in the time in which one vector is written: a memory of two first-level caches is written over and over, some twenty microseconds in all.
let private measure<'L, 'V when 'L :> ILanes<'V>> () =
    let buffer = AlignedBuffer(2 * CacheSizes.first / sizeof<float> / 8 * 8)
    let multiplyAdd = shortest 8 (fun () -> compute<'L, 'V> buffer) / float (chains * chainRounds)
    let stored = shortest 8 (fun () -> write<'L, 'V> buffer) / float (buffer.Length / 'L.Count)
    stored / multiplyAdd

// Properties of the machine, found when they are first asked for.
let private eight = lazy measure<Lanes512, Vector512<float>>()
let private four = lazy measure<Lanes256, Vector256<float>>()

/// Whether writing a vector of so many lanes costs more than computing a moment a second time, four multiply-adds at three quarters of the peak.
let isHigh lanes =
    let cost =
        match lanes with
        | 8 -> eight.Value
        | 4 -> four.Value
        // Two lanes are only for machines without any of these: what is written is kept.
        | _ -> 0.0

    cost > 16.0 / 3.0
