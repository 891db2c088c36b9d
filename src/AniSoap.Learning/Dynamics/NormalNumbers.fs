namespace AniSoap.Learning

open System
open System.Numerics

/// Independent numbers of the standard normal distribution, always the same for a seed: xoshiro256++ (D. Blackman, S. Vigna, ACM Trans. Math. Softw. 47
/// (2021) 36), started by splitmix64, and the transform of G. E. P. Box and M. E. Muller (Ann. Math. Stat. 29 (1958) 610).
[<Sealed>]
type internal NormalNumbers(seed: int) =
    let mutable mixed = uint64 (uint32 seed)

    let splitmix () =
        mixed <- mixed + 0x9E3779B97F4A7C15UL
        let a = (mixed ^^^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9UL
        let b = (a ^^^ (a >>> 27)) * 0x94D049BB133111EBUL
        b ^^^ (b >>> 31)

    let mutable s0 = splitmix ()
    let mutable s1 = splitmix ()
    let mutable s2 = splitmix ()
    let mutable s3 = splitmix ()
    let mutable waiting = 0.0
    let mutable isWaiting = false

    /// Between 0 and 1, neither included.
    let uniform () =
        let bits = BitOperations.RotateLeft(s0 + s3, 23) + s0
        let t = s1 <<< 17
        s2 <- s2 ^^^ s0
        s3 <- s3 ^^^ s1
        s1 <- s1 ^^^ s2
        s0 <- s0 ^^^ s3
        s2 <- s2 ^^^ t
        s3 <- BitOperations.RotateLeft(s3, 45)
        (float (bits >>> 12) + 0.5) * 2.220446049250313e-16

    /// The next number.
    member _.Next() : float =
        if isWaiting then
            isWaiting <- false
            waiting
        else
            let radius = sqrt (-2.0 * log (uniform ()))
            let angle = 2.0 * Math.PI * uniform ()
            waiting <- radius * sin angle
            isWaiting <- true
            radius * cos angle
