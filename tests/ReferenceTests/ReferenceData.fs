/// The truth files as values: coefficients of random ellipsoids computed with 50 digits.
module AniSoap.Tests.ReferenceData

open System.Globalization
open System.Text.Json
open AniSoap

type TruthItem = {
    Particle: Ellipsoid
    /// As it stands in the file: not quite of unit length.
    Quaternion: Quaternion
    Displacement: Vector3
    /// [l][m + l][n], with N_p.
    Primitive: float[][][]
    Orthonormal: float[][][]
}

type Truth = {
    MaxAngular: int
    MaxRadial: int
    Width: float
    /// Eigenvalues of the overlap of each l, ascending.
    Eigenvalues: float[][]
    Items: TruthItem list
}

let private elements (json: JsonElement) = json.EnumerateArray() |> Seq.toArray

/// Numbers are written as strings where they have more digits than a double.
let number (json: JsonElement) =
    match json.ValueKind with
    | JsonValueKind.String -> System.Double.Parse(string (json.GetString()), CultureInfo.InvariantCulture)
    | _ -> json.GetDouble()

let numbers json = elements json |> Array.map number

let private coefficients json = elements json |> Array.map (elements >> Array.map numbers)

let vector (values: float[]) = Vector3.create values[0] values[1] values[2]

let particle species position (quaternion: float[]) (axes: float[]) =
    let q = Quaternion.create quaternion[0] quaternion[1] quaternion[2] quaternion[3]

    match Ellipsoid.create species position q (vector axes) with
    | Ok ellipsoid -> ellipsoid
    | Error error -> failwith (AniSoapError.describe error)

let private item (json: JsonElement) =
    let get (name: string) = json.GetProperty name

    let q = numbers (get "quaternion_wxyz")

    {
        Quaternion = Quaternion.create q[0] q[1] q[2] q[3]
        Particle = particle 1 Vector3.zero q (numbers (get "semiaxes"))
        Displacement = vector (numbers (get "displacement"))
        Primitive = coefficients (get "primitive")
        Orthonormal = coefficients (get "orthonormal")
    }

/// "truth/gto-l4-n3.json" or "truth/gto-l9-n6.json".
let truth path : Truth =
    let json = JsonDocument.Parse(TestData.text path).RootElement
    let get (name: string) = json.GetProperty name

    {
        MaxAngular = (get "lmax").GetInt32()
        MaxRadial = (get "nmax").GetInt32()
        Width = number (get "sigma")
        Eigenvalues = elements (get "eigenvalues") |> Array.map numbers
        Items = elements (get "items") |> Seq.map item |> Seq.toList
    }

let truths = [ "truth/gto-l4-n3.json"; "truth/gto-l9-n6.json" ]
