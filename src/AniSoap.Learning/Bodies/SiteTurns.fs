namespace AniSoap.Learning

open System
open AniSoap

/// Bodies whose sites repeat by turns.
module internal SiteTurns =
    /// The axis of a body that is least like the two others, 0 to 2; z of spheres.
    let axis (semiAxes: Vector3) : int =
        let lengths = [| semiAxes.X; semiAxes.Y; semiAxes.Z |]
        let unlike k = abs (lengths[k] - 0.5 * (lengths[(k + 1) % 3] + lengths[(k + 2) % 3]))
        [ 2; 0; 1 ] |> List.maxBy unlike

    /// Turns by k/n of the whole about that axis, k from 0.
    let all (order: int) (semiAxes: Vector3) : Matrix3[] =
        Array.init order (fun k ->
            let struct (s, c) = Math.SinCos(2.0 * Math.PI * float k / float order)

            match axis semiAxes with
            | 0 -> Matrix3.ofRows (Vector3.create 1.0 0.0 0.0) (Vector3.create 0.0 c -s) (Vector3.create 0.0 s c)
            | 1 -> Matrix3.ofRows (Vector3.create c 0.0 s) (Vector3.create 0.0 1.0 0.0) (Vector3.create -s 0.0 c)
            | _ -> Matrix3.ofRows (Vector3.create c -s 0.0) (Vector3.create s c 0.0) (Vector3.create 0.0 0.0 1.0))
