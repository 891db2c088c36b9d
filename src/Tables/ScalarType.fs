namespace AniSoap.Formats

open AniSoap

/// The types that the numbers of a file can have, as NumPy and metatensor name them: kind and bytes (`f8`, `u1`, `c16`).
[<RequireQualifiedAccess>]
type ScalarType =
    /// Floating-point numbers of two bytes.
    | Float16
    /// Floating-point numbers of four bytes.
    | Float32
    /// Floating-point numbers of eight bytes.
    | Float64
    /// Whole numbers of one byte.
    | Int8
    /// Whole numbers of two bytes.
    | Int16
    /// Whole numbers of four bytes.
    | Int32
    /// Whole numbers of eight bytes.
    | Int64
    /// Whole numbers of one byte, from zero.
    | UInt8
    /// Whole numbers of two bytes, from zero.
    | UInt16
    /// Whole numbers of four bytes, from zero.
    | UInt32
    /// Whole numbers of eight bytes, from zero.
    | UInt64
    /// One byte, 0 or 1.
    | Boolean
    /// Two 4-byte floating-point numbers: real part, imaginary part.
    | Complex64
    /// Two 8-byte floating-point numbers.
    | Complex128

/// Types of numbers in files.
module ScalarType =
    /// All of them.
    let all = [
        ScalarType.Float16
        ScalarType.Float32
        ScalarType.Float64
        ScalarType.Int8
        ScalarType.Int16
        ScalarType.Int32
        ScalarType.Int64
        ScalarType.UInt8
        ScalarType.UInt16
        ScalarType.UInt32
        ScalarType.UInt64
        ScalarType.Boolean
        ScalarType.Complex64
        ScalarType.Complex128
    ]

    let private kindAndSize scalarType =
        match scalarType with
        | ScalarType.Float16 -> struct ('f', 2)
        | ScalarType.Float32 -> struct ('f', 4)
        | ScalarType.Float64 -> struct ('f', 8)
        | ScalarType.Int8 -> struct ('i', 1)
        | ScalarType.Int16 -> struct ('i', 2)
        | ScalarType.Int32 -> struct ('i', 4)
        | ScalarType.Int64 -> struct ('i', 8)
        | ScalarType.UInt8 -> struct ('u', 1)
        | ScalarType.UInt16 -> struct ('u', 2)
        | ScalarType.UInt32 -> struct ('u', 4)
        | ScalarType.UInt64 -> struct ('u', 8)
        | ScalarType.Boolean -> struct ('b', 1)
        | ScalarType.Complex64 -> struct ('c', 8)
        | ScalarType.Complex128 -> struct ('c', 16)

    /// Bytes of one number.
    let size (scalarType: ScalarType) : int = let struct (_, size) = kindAndSize scalarType in size

    /// The short name: `f8`, `b1`, …
    let name (scalarType: ScalarType) : string =
        let struct (kind, size) = kindAndSize scalarType
        string kind + string size

    /// Whether a number of this type is a pair of a real and an imaginary part.
    let isComplex (scalarType: ScalarType) : bool =
        scalarType = ScalarType.Complex64 || scalarType = ScalarType.Complex128

    let internal toNpy (bigEndian: bool) (scalarType: ScalarType) : NpyScalar =
        let struct (kind, size) = kindAndSize scalarType
        { BigEndian = bigEndian; Kind = kind; Size = size }

    /// The type of a kind of numbers (f, i, u, b, c) and so many bytes.
    let ofKind (kind: char) (size: int) : ScalarType option =
        all |> List.tryFind (fun known -> kindAndSize known = struct (kind, size))

    let internal ofNpy (scalar: NpyScalar) : ScalarType option = ofKind scalar.Kind scalar.Size
