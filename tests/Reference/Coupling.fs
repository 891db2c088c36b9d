/// Products of coefficients of one centre, given for each neighbour species.
module AniSoap.Reference.Coupling

/// The values over m of every channel (n, t) of one l: n slowest, species fastest.
let private channels (coefficients: Coefficients[]) l : float[] list = [
    for n in 0 .. coefficients[0].[l].[0].Length - 1 do
        for c in coefficients do
            Array.init (2 * l + 1) (fun m -> c[l].[m].[n])
]

/// (-1)^l / √(2l+1) Σ_m c_nlm c_n'lm: l slowest, then (n, t), then (n', t').
let powerSpectrum (coefficients: Coefficients[]) : float[] = [|
    for l in 0 .. coefficients[0].Length - 1 do
        let sign = if l % 2 = 0 then 1.0 else -1.0
        let all = channels coefficients l

        for a in all do
            for b in all do
                sign / sqrt (float (2 * l + 1)) * Array.sum (Array.map2 (*) a b)
|]

/// λ-SOAP of one λ: rows M = -λ .. λ, columns (l1, l2) in lexicographic order, then (n, t), then (n', t').
/// Only products whose sign (-1)^(l1+l2+λ) is among `signs`.
let lambdaSoap (signs: int list) lambda (coefficients: Coefficients[]) : float[][] =
    let last = coefficients[0].Length - 1

    let columns = [
        for l1 in 0..last do
            for l2 in 0..last do
                let sign = if (l1 + l2 + lambda) % 2 = 0 then 1 else -1

                if abs (l1 - l2) <= lambda && lambda <= l1 + l2 && List.contains sign signs then
                    let real = Racah.real l1 l2 lambda

                    for a in channels coefficients l1 do
                        for b in channels coefficients l2 do
                            Array.init (2 * lambda + 1) (fun m ->
                                Seq.sum (
                                    seq {
                                        for m1 in 0 .. 2 * l1 do
                                            for m2 in 0 .. 2 * l2 -> real[m1].[m2].[m] * a[m1] * b[m2]
                                    }
                                ))
    ]

    Array.init (2 * lambda + 1) (fun m -> columns |> List.map (fun column -> column[m]) |> List.toArray)

/// One row for a frame: for every centre species the mean of its particles' vectors (all `length` long), side by
/// side, zeros for a species that is not there.
let mean (length: int) (species: int[]) (centres: (int * float[]) list) : float[] =
    species
    |> Array.collect (fun kind ->
        let vectors = centres |> List.filter (fun (centre, _) -> centre = kind) |> List.map snd
        let count = max 1 vectors.Length

        vectors
        |> List.fold (Array.map2 (+)) (Array.zeroCreate length)
        |> Array.map (fun sum -> sum / float count))
