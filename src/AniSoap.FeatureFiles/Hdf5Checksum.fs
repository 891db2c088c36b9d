namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.Numerics
open AniSoap

/// The checksums of HDF5: that of its heads and that of chunks of numbers.
module internal Hdf5Checksum =
    let private u32 (bytes: byte[]) at = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(bytes, at, 4))

    /// B. Jenkins' lookup3 (hashlittle, public domain, 2006) of the first bytes with the initial value 0: the checksum of
    /// HDF5's metadata.
    let lookup3 (bytes: byte[]) (length: int) : uint32 =
        let start = 0xDEADBEEFu + uint32 length
        let mutable a = start
        let mutable b = start
        let mutable c = start
        let rotate (x: uint32) n = BitOperations.RotateLeft(x, n)
        let mutable at = 0

        while length - at > 12 do
            a <- a + u32 bytes at
            b <- b + u32 bytes (at + 4)
            c <- c + u32 bytes (at + 8)
            a <- (a - c) ^^^ rotate c 4
            c <- c + b
            b <- (b - a) ^^^ rotate a 6
            a <- a + c
            c <- (c - b) ^^^ rotate b 8
            b <- b + a
            a <- (a - c) ^^^ rotate c 16
            c <- c + b
            b <- (b - a) ^^^ rotate a 19
            a <- a + c
            c <- (c - b) ^^^ rotate b 4
            b <- b + a
            at <- at + 12

        if at = length then
            c
        else
            // What is missing of the last twelve bytes counts as zeros.
            let last = Array.zeroCreate<byte> 12
            Array.Copy(bytes, at, last, 0, length - at)
            a <- a + u32 last 0
            b <- b + u32 last 4
            c <- c + u32 last 8
            c <- (c ^^^ b) - rotate b 14
            a <- (a ^^^ c) - rotate c 11
            b <- (b ^^^ a) - rotate a 25
            c <- (c ^^^ b) - rotate b 16
            a <- (a ^^^ c) - rotate c 4
            b <- (b ^^^ a) - rotate a 14
            (c ^^^ b) - rotate b 24

    /// J. Fletcher's sum of 16-bit words, high byte first, as HDF5's filter 3 takes it; a last odd byte is a high one.
    let fletcher32 (bytes: ReadOnlySpan<byte>) : uint32 =
        let mutable sum1 = 0u
        let mutable sum2 = 0u
        let mutable rest = bytes

        while rest.Length >= 2 do
            // 360 words are as many as the sums hold before they overflow.
            let part = rest.Slice(0, min 720 (rest.Length / 2 * 2))
            let mutable at = 0

            while at < part.Length do
                sum1 <- sum1 + ((uint32 part[at] <<< 8) ||| uint32 part[at + 1])
                sum2 <- sum2 + sum1
                at <- at + 2

            sum1 <- (sum1 &&& 0xFFFFu) + (sum1 >>> 16)
            sum2 <- (sum2 &&& 0xFFFFu) + (sum2 >>> 16)
            rest <- rest.Slice part.Length

        if rest.Length = 1 then
            sum1 <- sum1 + (uint32 rest[0] <<< 8)
            sum2 <- sum2 + sum1
            sum1 <- (sum1 &&& 0xFFFFu) + (sum1 >>> 16)
            sum2 <- (sum2 &&& 0xFFFFu) + (sum2 >>> 16)

        sum1 <- (sum1 &&& 0xFFFFu) + (sum1 >>> 16)
        sum2 <- (sum2 &&& 0xFFFFu) + (sum2 >>> 16)
        (sum2 <<< 16) ||| sum1
