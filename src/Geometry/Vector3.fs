namespace AniSoap

open System

/// A vector of three doubles in the lab frame (System.Numerics has single precision only).
[<Struct>]
type Vector3 = {
    X: float
    Y: float
    Z: float
} with

    static member inline (+)(a: Vector3, b: Vector3) = { X = a.X + b.X; Y = a.Y + b.Y; Z = a.Z + b.Z }
    static member inline (-)(a: Vector3, b: Vector3) = { X = a.X - b.X; Y = a.Y - b.Y; Z = a.Z - b.Z }
    static member inline (*)(s: float, a: Vector3) = { X = s * a.X; Y = s * a.Y; Z = s * a.Z }
    static member inline (~-)(a: Vector3) = { X = -a.X; Y = -a.Y; Z = -a.Z }

module Vector3 =
    let zero: Vector3 = { X = 0.0; Y = 0.0; Z = 0.0 }
    let create x y z : Vector3 = { X = x; Y = y; Z = z }
    let dot (a: Vector3) (b: Vector3) = a.X * b.X + a.Y * b.Y + a.Z * b.Z

    let cross (a: Vector3) (b: Vector3) : Vector3 = {
        X = a.Y * b.Z - a.Z * b.Y
        Y = a.Z * b.X - a.X * b.Z
        Z = a.X * b.Y - a.Y * b.X
    }

    let squaredNorm a = dot a a
    let norm a = sqrt (dot a a)

    let isFinite (a: Vector3) = Double.IsFinite a.X && Double.IsFinite a.Y && Double.IsFinite a.Z

    let internal show (a: Vector3) =
        String.Format(Globalization.CultureInfo.InvariantCulture, "({0}, {1}, {2})", a.X, a.Y, a.Z)
