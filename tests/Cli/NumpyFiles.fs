/// A small reader of NumPy's files for these tests alone, so that what the program writes is not read back by itself.
module AniSoap.Tests.Cli.NumpyFiles

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text
open System.Text.RegularExpressions

type NumpyArray = { Kind: string; Shape: int list; Bytes: byte[] }

let parse (npy: byte[]) =
    let headerLength = int (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(npy, 8, 2)))
    let header = Encoding.Latin1.GetString(npy, 10, headerLength)

    {
        Kind = Regex.Match(header, "'descr': '([^']*)'").Groups[1].Value
        Shape = [
            for number in Regex.Matches(Regex.Match(header, "'shape': \(([^)]*)\)").Groups[1].Value, "\d+") ->
                int number.Value
        ]
        Bytes = npy[10 + headerLength ..]
    }

let floats array =
    match array.Kind with
    | "<f8" -> Array.init (array.Bytes.Length / 8) (fun i -> BitConverter.ToDouble(array.Bytes, 8 * i))
    | "<f4" -> Array.init (array.Bytes.Length / 4) (fun i -> float (BitConverter.ToSingle(array.Bytes, 4 * i)))
    | kind -> failwith $"{kind} is no kind of floating-point number"

let integers array =
    if array.Kind <> "<i4" then
        failwith $"{array.Kind} is not <i4"

    Array.init (array.Bytes.Length / 4) (fun i -> BitConverter.ToInt32(array.Bytes, 4 * i))

/// The texts of a `<U…` array.
let texts array =
    let width = 4 * int (array.Kind.Substring 2)

    if array.Kind.StartsWith "<U" then
        array.Bytes
        |> Array.chunkBySize width
        |> Array.map (fun text -> Encoding.UTF32.GetString(text).TrimEnd '\000')
        |> Array.toList
    else
        failwith $"{array.Kind} is no text"

/// All members of an archive by their names as in the archive.
let members (path: string) =
    use zip = ZipFile.OpenRead path

    Map [
        for entry in zip.Entries ->
            use stream = entry.Open()
            use memory = new MemoryStream()
            stream.CopyTo memory
            entry.FullName, memory.ToArray()
    ]

/// The arrays of an `.npz` by name.
let npz path =
    members path
    |> Map.toList
    |> List.map (fun (name, bytes) -> name[.. name.Length - 5], parse bytes)
    |> Map
