namespace AniSoap.Learning

open System.Runtime.InteropServices
open System.Runtime.Intrinsics

/// Four pairs of bodies side by side, in flat arrays: number k of four pairs stands at 4 k.
module internal Lanes =
    [<Literal>]
    let Count = 4

    let inline load (numbers: float[]) (i: int) : Vector256<float> =
        Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference numbers, unativeint i)

    let inline store (v: Vector256<float>) (numbers: float[]) (i: int) : unit =
        Vector256.StoreUnsafe(v, &MemoryMarshal.GetArrayDataReference numbers, unativeint i)

    let inline fma (x: Vector256<float>) (y: Vector256<float>) (z: Vector256<float>) : Vector256<float> =
        Vector256.MultiplyAddEstimate(x, y, z)

    let inline all (x: float) : Vector256<float> = Vector256.Create(x: float)

    /// numbers[i ..] += v
    let inline add (v: Vector256<float>) (numbers: float[]) (i: int) : unit =
        store (Vector256.Add(load numbers i, v)) numbers i
