namespace AniSoap.Kernels

/// Where the derivatives of moments come from: since the derivative of a scaled power is the next lower one, they are the same moments a few places on.
///
/// Backwards (a number E, G_{abc} = ∂E/∂A_{abc} of plain moments; g = Σ G x^a y^b z^c): rows of weights whose dot products with the kernel's moments
/// M_{abc} = w E[x^a y^b z^c]/c! of a pair are
///
///     e = E[g]:      c! G_{abc}                  h_x = E[∂_x g]:   c! (a+1) G_{a+1,b,c}, …
///     E[(e_x × X)·∇g] = E[y ∂_z g − z ∂_y g]:    c! ((c+1) G_{a,b−1,c+1} − (b+1) G_{a,b+1,c−1}), cyclic        (turning the pair)
///     H_kl = E[∂_k ∂_l g]:                       c! (a+2)(a+1) G_{a+2,b,c}, c! (a+1)(b+1) G_{a+1,b+1,c}, …
///
/// Forwards (scaled moments m = w E[x^a y^b z^c]/(a! b! c!)): ∂_k takes m_{abc} to m_{abc − e_k}.
///
/// States are in the kernel's order (b, a, c), shells as in ContractionTable.
[<Sealed>]
type internal ShiftTable(table: ContractionTable) =
    let degree = table.Degree
    let count = table.StateCount
    let factorials = Array.scan (fun value i -> value * float i) 1.0 [| 1 .. degree + 2 |]

    let states = [|
        for b in 0..degree do
            for a in 0 .. degree - b do
                for c in 0 .. degree - b - a do
                    struct (a, b, c)
    |]

    /// Place in the shells; the place behind the last, which holds zero, where there is no such moment.
    let place a b c =
        let d = a + b + c

        if a < 0 || b < 0 || c < 0 || d > degree then
            count
        else
            table.ShellOffsets[d] + a * (d + 1) - a * (a - 1) / 2 + b

    let inShells (value: int -> int -> int -> 'T) =
        let values = Array.zeroCreate<'T> count

        for struct (a, b, c) in states do
            values[place a b c] <- value a b c

        values

    /// A row of the reverse: for every state the places of two entries of G and their factors.
    let row (terms: int -> int -> int -> struct (struct (int * int) * struct (int * int))) =
        let places = Array.zeroCreate<int>(2 * count)
        let factors = Array.zeroCreate<float>(2 * count)

        states
        |> Array.iteri (fun s (struct (a, b, c)) ->
            let struct (struct (p1, f1), struct (p2, f2)) = terms a b c
            places[2 * s] <- p1
            places[2 * s + 1] <- p2
            factors[2 * s] <- factorials[c] * float f1
            factors[2 * s + 1] <- factorials[c] * float f2)

        struct (places, factors)

    let single p f = struct (struct (p, f), struct (count, 0))

    /// Doubles a state in the rows of weights: up to eight rows side by side, a cache line.
    static member RowStride = 8

    member _.StateCount = count

    /// Rows e, h_x, h_y, h_z, L_x, L_y, L_z.
    member val RigidRows =
        [|
            row (fun a b c -> single (place a b c) 1)
            row (fun a b c -> single (place (a + 1) b c) (a + 1))
            row (fun a b c -> single (place a (b + 1) c) (b + 1))
            row (fun a b c -> single (place a b (c + 1)) (c + 1))
            row (fun a b c ->
                struct (struct (place a (b - 1) (c + 1), c + 1), struct (place a (b + 1) (c - 1), -(b + 1))))
            row (fun a b c ->
                struct (struct (place (a + 1) b (c - 1), a + 1), struct (place (a - 1) b (c + 1), -(c + 1))))
            row (fun a b c ->
                struct (struct (place (a - 1) (b + 1) c, b + 1), struct (place (a + 1) (b - 1) c, -(a + 1))))
        |]

    /// Rows H_xx, H_yy, H_zz, H_xy, H_xz, H_yz, and e once more.
    member val ShapeRows =
        [|
            row (fun a b c -> single (place (a + 2) b c) ((a + 2) * (a + 1)))
            row (fun a b c -> single (place a (b + 2) c) ((b + 2) * (b + 1)))
            row (fun a b c -> single (place a b (c + 2)) ((c + 2) * (c + 1)))
            row (fun a b c -> single (place (a + 1) (b + 1) c) ((a + 1) * (b + 1)))
            row (fun a b c -> single (place (a + 1) b (c + 1)) ((a + 1) * (c + 1)))
            row (fun a b c -> single (place a (b + 1) (c + 1)) ((b + 1) * (c + 1)))
            row (fun a b c -> single (place a b c) 1)
        |]

    /// For every state 1/(a! b!): from the kernel's moment to the scaled one.
    member val ToScaled =
        states
        |> Array.map (fun (struct (a, b, _)) -> 1.0 / (factorials[a] * factorials[b]))

    /// For every place in the shells a! b! c!: from the scaled moment to the plain one.
    member val ToPlain = inShells (fun a b c -> factorials[a] * factorials[b] * factorials[c])

    /// For every place in the shells the place of the moment one lower in x, y, z.
    member val Lower =
        [|
            inShells (fun a b c -> place (a - 1) b c)
            inShells (fun a b c -> place a (b - 1) c)
            inShells (fun a b c -> place a b (c - 1))
        |]
