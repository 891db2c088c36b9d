namespace AniSoap.Formats

open System
open System.IO.Hashing
open System.Security.Cryptography

/// The hash of a block of a trajectory, byte after byte. It is to find files that were changed, cut off, damaged or mistaken for others, not files that somebody
/// forged, which is what XXH128 is made for. Indices made earlier have SHA-256, and are checked by it.
[<Sealed>]
type internal BlockHash private (sha: IncrementalHash voption) =
    /// Digits of a SHA-256; XXH128 has half as many.
    static let digitsOfSha = 2 * SHA256.HashSizeInBytes
    let quick = XxHash128()

    /// The hash that new indices have.
    static member Create() = new BlockHash(ValueNone)

    /// The one that whole files have.
    static member Sha256() = new BlockHash(ValueSome(IncrementalHash.CreateHash HashAlgorithmName.SHA256))

    /// One of the same kind as this hash, of which its hexadecimal digits tell.
    static member Like(hash: string) =
        if hash.Length = digitsOfSha then
            BlockHash.Sha256()
        else
            BlockHash.Create()

    /// The next bytes.
    member _.Append(bytes: ReadOnlySpan<byte>) =
        match sha with
        | ValueSome hash -> hash.AppendData bytes
        | ValueNone -> quick.Append bytes

    /// The hash of all bytes since the last, in hexadecimal digits.
    member _.Take() =
        match sha with
        | ValueSome hash -> hash.GetHashAndReset()
        | ValueNone -> quick.GetHashAndReset()
        |> Convert.ToHexStringLower

    interface IDisposable with
        member _.Dispose() =
            match sha with
            | ValueSome hash -> hash.Dispose()
            | ValueNone -> ()
