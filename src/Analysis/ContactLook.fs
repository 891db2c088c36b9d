namespace AniSoap.Analysis

open System
open AniSoap

/// How near the particles of one frame are to each other, for as many of them as are looked at.
[<Sealed>]
type internal ContactLook(frame: Frame, radius: float, hasShape: Predicate<Ellipsoid>) =
    let particles = frame.Particles
    let grid = NeighborGrid.Create(frame, radius)
    let buffer = NeighborBuffer()

    let longest (particle: Ellipsoid) =
        Math.Max(particle.SemiAxes.X, Math.Max(particle.SemiAxes.Y, particle.SemiAxes.Z))

    let turned order (q: Quaternion) =
        match order with
        // As it was read.
        | 0 -> q
        // The scalar was taken from the end and stands in front: x is w.
        | 1 -> Quaternion.create q.X q.Y q.Z q.W
        // The scalar was taken from the front and stands at the end: z is w.
        | _ -> Quaternion.create q.Z q.W q.X q.Y

    let shape order (particle: Ellipsoid) = ContactFunction.shape (turned order particle.Orientation) particle.SemiAxes

    /// How far it looks.
    member _.Radius = radius

    /// Whether a smallest factor of contact cannot be less with particles beyond the radius, none of which is longer than
    /// `longestOfAll`.
    member _.IsNearest(first: int, factor: float, longestOfAll: float) : bool =
        not (hasShape.Invoke particles[first])
        || factor * (longest particles[first] + longestOfAll) <= radius

    /// Finds the neighbours of a particle; the distance to the nearest, infinite without any.
    member _.Find(first: int) : float =
        grid.Find(first, buffer)
        let mutable least = infinity

        for k in 0 .. buffer.Count - 1 do
            let x, y, z = buffer.X[k], buffer.Y[k], buffer.Z[k]
            least <- min least (x * x + y * y + z * z)

        sqrt least

    /// Of the neighbours found the smallest factor of contact, infinite without shapes, with orientations as read (0) or with the scalar
    /// at another place (1, 2).
    member _.Nearest(first: int, order: int) : float =
        let one = particles[first]
        let mutable nearest = infinity

        if hasShape.Invoke one then
            let own = shape order one
            let size = longest one

            for k in 0 .. buffer.Count - 1 do
                let other = particles[buffer.Second[k]]

                if hasShape.Invoke other then
                    let r = Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k]
                    // Spheres around both would have to grow by this much: no ellipsoids touch earlier.
                    if Vector3.norm r < nearest * (size + longest other) then
                        let others = shape order other

                        if not (ContactFunction.isBeyond own others r nearest) then
                            nearest <- min nearest (ContactFunction.ofShapes own others r)

        nearest
