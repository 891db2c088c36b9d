namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// Unpacks what a library is needed for: the package AniSoap.FeatureFiles has one, found by its name where a program refers
/// to it.
[<AbstractClass>]
type UnpackingPackage() =
    /// The content of Zstandard data. Throws `InvalidDataException` whose message says what was found.
    abstract Zstandard: Stream -> Stream

/// Packed files, told by how they begin.
module internal PackedStreams =
    [<Literal>]
    let private Package = "AniSoap.FeatureFiles"

    /// So many bytes tell.
    [<Literal>]
    let Beginning = 10

    let private startsWith (magic: byte[]) (beginning: ReadOnlySpan<byte>) = beginning.StartsWith(ReadOnlySpan magic)

    let private isGzip (beginning: ReadOnlySpan<byte>) = startsWith [| 0x1Fuy; 0x8Buy |] beginning

    /// The letters BZh alone could begin a text: a block, or the end, follows them and the level.
    let private isBzip2 (beginning: ReadOnlySpan<byte>) =
        startsWith "BZh"B beginning
        && beginning.Length = Beginning
        && (startsWith [| 0x31uy; 0x41uy; 0x59uy; 0x26uy; 0x53uy; 0x59uy |] (beginning.Slice 4)
            || startsWith [| 0x17uy; 0x72uy; 0x45uy; 0x38uy; 0x50uy; 0x90uy |] (beginning.Slice 4))

    /// A frame, or one that is to be skipped, which some programs write first.
    let private isZstandard (beginning: ReadOnlySpan<byte>) =
        startsWith [| 0x28uy; 0xB5uy; 0x2Fuy; 0xFDuy |] beginning
        || (beginning.Length >= 4
            && beginning[0] &&& 0xF0uy = 0x50uy
            && startsWith [| 0x2Auy; 0x4Duy; 0x18uy |] (beginning.Slice 1))

    let private zstandard (file: Stream) : Result<Stream, AniSoapError> =
        let found =
            match Type.GetType("AniSoap.Formats.ZstandardFormat, " + Package, false) with
            | null -> null
            | found -> Activator.CreateInstance found

        match found with
        | :? UnpackingPackage as package -> Ok(package.Zstandard file)
        | _ ->
            file.Dispose()

            Error(
                Missing(
                    "the package " + Package,
                    "files packed by Zstandard are read by it; add a reference to it",
                    Place.Unknown
                )
            )

    /// The content of a file that begins like this, unpacked where it is packed.
    let unpacked (beginning: ReadOnlySpan<byte>) (file: Stream) : Result<Stream, AniSoapError> =
        if isGzip beginning then Ok(new GunzipStream(file))
        elif isBzip2 beginning then Ok(new BunzipStream(file))
        elif isZstandard beginning then zstandard file
        else Ok file
