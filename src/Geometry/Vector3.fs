namespace AniSoap

open System
open System.Runtime.InteropServices

/// A vector of three doubles in the lab frame (System.Numerics has single precision only).
[<Struct>]
type Vector3 = {
    /// Along the lab's x.
    X: float
    /// Along the lab's y.
    Y: float
    /// Along the lab's z.
    Z: float
} with

    /// The sum, component by component.
    static member inline (+)(a: Vector3, b: Vector3) = { X = a.X + b.X; Y = a.Y + b.Y; Z = a.Z + b.Z }
    /// The difference, component by component.
    static member inline (-)(a: Vector3, b: Vector3) = { X = a.X - b.X; Y = a.Y - b.Y; Z = a.Z - b.Z }
    /// s times a vector.
    static member inline (*)(s: float, a: Vector3) = { X = s * a.X; Y = s * a.Y; Z = s * a.Z }
    /// The opposite vector.
    static member inline (~-)(a: Vector3) = { X = -a.X; Y = -a.Y; Z = -a.Z }

    /// The three numbers, in the same form whatever the reader's culture.
    override a.ToString() =
        String.Format(Globalization.CultureInfo.InvariantCulture, "({0}, {1}, {2})", a.X, a.Y, a.Z)

/// Vectors of three components.
module Vector3 =
    /// (0, 0, 0).
    let zero: Vector3 = { X = 0.0; Y = 0.0; Z = 0.0 }
    /// A vector by its components.
    let create x y z : Vector3 = { X = x; Y = y; Z = z }
    /// a · b.
    let dot (a: Vector3) (b: Vector3) = a.X * b.X + a.Y * b.Y + a.Z * b.Z

    /// a × b.
    let cross (a: Vector3) (b: Vector3) : Vector3 = {
        X = a.Y * b.Z - a.Z * b.Y
        Y = a.Z * b.X - a.X * b.Z
        Z = a.X * b.Y - a.Y * b.X
    }

    /// |a|².
    let squaredNorm a = dot a a
    /// |a|.
    let norm a = sqrt (dot a a)

    /// Whether no component is infinite or NaN.
    let isFinite (a: Vector3) = Double.IsFinite a.X && Double.IsFinite a.Y && Double.IsFinite a.Z

    let internal show (a: Vector3) = a.ToString()

// What C# expects beside a type, which has no use for functions of its name.
type Vector3 with

    /// The length.
    member a.Length = Vector3.norm a

    /// The scalar product.
    member a.Dot(b: Vector3) = Vector3.dot a b

    /// The vector product.
    member a.Cross(b: Vector3) = Vector3.cross a b

    /// The components, each in a variable.
    member a.Deconstruct([<Out>] x: byref<float>, [<Out>] y: byref<float>, [<Out>] z: byref<float>) =
        x <- a.X
        y <- a.Y
        z <- a.Z

    /// Whether all components are the same.
    static member op_Equality(a: Vector3, b: Vector3) = a.Equals b

    /// Whether a component differs.
    static member op_Inequality(a: Vector3, b: Vector3) = not (a.Equals b)
