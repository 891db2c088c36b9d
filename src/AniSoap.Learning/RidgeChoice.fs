namespace AniSoap.Learning

open System
open AniSoap

/// The ridge that leaves least of frames held out.
module internal RidgeChoice =
    let private grid = [
        1e-16
        1e-15
        1e-14
        1e-13
        1e-12
        1e-11
        1e-10
        1e-9
        1e-8
        1e-7
        1e-6
        1e-5
        1e-4
        1e-3
        1e-2
    ]

    /// Held-out squares of a λ over all folds, relative to those of the targets.
    let private heldOut (sums: TriangularRows[]) (rests: TriangularRows[]) lambda =
        let squares = Array.zeroCreate<float> sums.Length
        let columns = float sums[0].Columns

        // Folds are worth a thread each; what they do themselves would share one out in small pieces.
        Products.forEach sums.Length (columns * columns * columns) (fun k ->
            squares[k] <- LeastSquares.squaredResidual (LeastSquares.ridge lambda rests[k]) sums[k])

        let nothing = Array.zeroCreate<float>(sums[0].Columns - 1)
        Array.sum squares / (sums |> Array.sumBy (LeastSquares.squaredResidual nothing))

    /// The λ that leaves least of held-out frames: downhill over a grid of decades from 1e-12.
    let choose (given: float option) (sums: TriangularRows[]) =
        if sums.Length < 2 then
            given |> Option.defaultValue 1e-12, nan
        else
            let rests = TrainingRows.others sums

            match given with
            | Some lambda -> lambda, heldOut sums rests lambda
            | None ->
                let known = Collections.Generic.Dictionary<int, float>()

                let at k =
                    match known.TryGetValue k with
                    | true, value -> value
                    | _ ->
                        let value = heldOut sums rests grid[k]
                        known[k] <- value
                        value

                let rec walk k step =
                    let next = k + step

                    if next >= 0 && next < grid.Length && at next < at k then
                        walk next step
                    else
                        k

                let down = walk 4 -2
                let best = if down = 4 then walk 4 2 else down
                grid[best], at best
