/// Lanes to rows and back.
module internal AniSoap.Numerics.LaneTurn

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// Four vectors of four numbers with rows and columns exchanged: number i of each in the i-th that is taken.
let inline four
    ([<InlineIfLambda>] load: int -> Vector256<float>)
    ([<InlineIfLambda>] take: Vector256<float> -> Vector256<float> -> Vector256<float> -> Vector256<float> -> unit)
    =
    let r0 = load 0
    let r1 = load 1
    let r2 = load 2
    let r3 = load 3
    let mutable v0 = Vector256<float>.Zero
    let mutable v1 = v0
    let mutable v2 = v0
    let mutable v3 = v0

    if Avx2.IsSupported then
        let low01 = Avx.UnpackLow(r0, r1)
        let high01 = Avx.UnpackHigh(r0, r1)
        let low23 = Avx.UnpackLow(r2, r3)
        let high23 = Avx.UnpackHigh(r2, r3)
        v0 <- Avx.Permute2x128(low01, low23, 0x20uy)
        v1 <- Avx.Permute2x128(high01, high23, 0x20uy)
        v2 <- Avx.Permute2x128(low01, low23, 0x31uy)
        v3 <- Avx.Permute2x128(high01, high23, 0x31uy)
    else
        let inline lane i = Vector256.Create(r0.GetElement(i), r1.GetElement(i), r2.GetElement(i), r3.GetElement(i))
        v0 <- lane 0
        v1 <- lane 1
        v2 <- lane 2
        v3 <- lane 3

    take v0 v1 v2 v3
