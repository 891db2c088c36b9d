namespace AniSoap

open System
open System.IO

/// The bits of a file, the highest of each byte first. Behind the end of the file there are zeros: whether some of these
/// were taken is asked afterwards.
[<Sealed>]
type internal BitReader(file: Stream) =
    let buffer = Array.zeroCreate<byte>(1 <<< 16)
    let mutable filled = 0
    let mutable position = 0
    let mutable hasEnded = false
    let mutable bits = 0UL
    let mutable count = 0
    /// How many of the bits at hand are behind the end of the file.
    let mutable beyond = 0

    let nextByte () =
        if position = filled && not hasEnded then
            filled <- file.Read(buffer, 0, buffer.Length)
            position <- 0
            hasEnded <- filled = 0

        if position < filled then
            position <- position + 1
            uint64 buffer[position - 1]
        else
            beyond <- beyond + 8
            0UL

    let ensure wanted =
        while count < wanted do
            bits <- (bits <<< 8) ||| nextByte ()
            count <- count + 8

    /// The next bits, 32 at most, as a number; they stay where they are.
    member _.Peek wanted : uint32 =
        ensure wanted
        uint32 ((bits >>> (count - wanted)) &&& ((1UL <<< wanted) - 1UL))

    /// Goes on by so many bits that were looked at.
    member _.Skip wanted = count <- count - wanted

    /// The next bits, 32 at most, as a number.
    member reader.Take wanted : uint32 =
        let value = reader.Peek wanted
        count <- count - wanted
        value

    /// Goes on to the next whole byte.
    member _.Align() = count <- count - count % 8

    /// Whether bits were taken that the file does not have.
    member _.WasShort = beyond > count

    /// Whether there is another byte, from a place between bytes.
    member _.IsAtEnd =
        ensure 8
        beyond >= count

    interface IDisposable with
        member _.Dispose() = file.Dispose()
