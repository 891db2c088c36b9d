namespace AniSoap.Numerics

/// Where the derivatives of moments come from: since the derivative of a scaled power is the next lower one, they are the same moments a place on.
///
/// With a number E and γ_{abc} = a! b! c! ∂E/∂A_{abc} (A the plain moments; g = Σ ∂E/∂A x^a y^b z^c): the weights whose dot products with the
/// kernel's moments M_{abc} = w E[x^a y^b z^c]/c! of a pair are expectations of derivatives of g all have the factor 1/(a! b!),
///
///     e = E[g]                              γ_{abc}
///     h = E[∇g]                             γ_{a+1,b,c},  γ_{a,b+1,c},  γ_{a,b,c+1}
///     L = E[X × ∇g] (turning the pair)      b γ_{a,b−1,c+1} − c γ_{a,b+1,c−1},   c γ_{a+1,b,c−1} − a γ_{a−1,b,c+1},   a γ_{a−1,b+1,c} − b γ_{a+1,b−1,c}
///     H = E[∇∇g]                            γ_{a+2,b,c}, …, γ_{a+1,b+1,c}, …
///
/// γ is kept in rows of constant (b, a), c fastest as in the kernel, so that every shift is another row or the same one a place on. Behind each row stand two
/// zeros, and rows beyond the highest degree are nothing else: what is beyond the highest degree is zero.
[<Sealed>]
type internal ShiftTable(table: ContractionTable) =
    let degree = table.Degree
    let count = table.StateCount
    let factorials = Array.scan (fun value i -> value * float i) 1.0 [| 1 .. degree + 2 |]

    /// Place in the shells.
    let place a b c =
        let d = a + b + c
        table.ShellOffsets[d] + a * (d + 1) - a * (a - 1) / 2 + b

    let inShells (value: int -> int -> int -> 'T) =
        let values = Array.zeroCreate<'T> count

        for d in 0..degree do
            for a in 0..d do
                for b in 0 .. d - a do
                    values[place a b (d - a - b)] <- value a b (d - a - b)

        values

    // Room in front for reading one place before the first row.
    let front = 8
    let pitch = degree + 3

    let rowStarts, rowsLength =
        let starts = Array.zeroCreate<int>(pitch * pitch)
        let mutable next = front

        for b in 0 .. degree + 2 do
            for a in 0 .. degree + 2 - b do
                starts[b * pitch + a] <- next
                next <- next + max 0 (degree - a - b + 1) + 2

        starts, next + 8

    member _.Degree = degree
    member _.StateCount = count

    /// Doubles of γ in rows, with what may be read beyond them.
    member _.RowsLength = rowsLength

    /// Where the row (b, a) of γ begins: RowStarts[b · RowPitch + a].
    member _.RowStarts = rowStarts
    member _.RowPitch = pitch

    /// Doubles from one row of weights to the next: one for every state, and what may be written beyond.
    member val WeightStride = (count + 8 + 7) / 8 * 8

    /// For every place in the shells its place in the rows of γ.
    member val ToRows = inShells (fun a b c -> rowStarts[b * pitch + a] + c)

    /// For every place in the shells a! b! c!.
    member val ToPlain = inShells (fun a b c -> factorials[a] * factorials[b] * factorials[c])

    /// For every state, in the kernel's order, 1/(a! b!): from the kernel's moment to the scaled one.
    member val ToScaled =
        [|
            for b in 0..degree do
                for a in 0 .. degree - b do
                    for _ in 0 .. degree - b - a do
                        1.0 / (factorials[a] * factorials[b])
        |]
