namespace AniSoap.Learning

open System
open AniSoap

/// A ridge, and what it leaves of frames held out.
type internal RidgeFound = {
    /// λ, relative to the number of columns.
    Lambda: float
    /// Held-out squares by fold, relative to those of the fold's targets; none where there is one fold.
    HeldOut: float[]
    /// All of them together, relative to those of all targets; NaN where there is one fold.
    HeldOutOfAll: float
}

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
    let private heldOut (memory: FactorMemory) (sums: PackedTriangle[]) (rests: PackedTriangle[]) lambda =
        let sharesWork = sums.Length < Products.threads ()
        let squares = Array.zeroCreate<float> sums.Length
        let columns = float sums[0].Columns

        // Folds are worth a thread each; what they do themselves would share one out in small pieces.
        Products.forEach sums.Length (columns * columns * columns) (fun k ->
            let work = memory.TakeRows sharesWork
            squares[k] <- LeastSquares.squaredResidual (LeastSquares.ridge work lambda rests[k]) sums[k]
            memory.Give work)

        let nothing = Array.zeroCreate<float>(sums[0].Columns - 1)
        let targets = sums |> Array.map (LeastSquares.squaredResidual nothing)

        {
            Lambda = lambda
            HeldOut = Array.map2 (fun square target -> if target > 0.0 then square / target else 0.0) squares targets
            HeldOutOfAll = Array.sum squares / Array.sum targets
        }

    /// The λ that leaves least of held-out frames, by R of each fold and of all others (none where there is one fold): downhill over a grid of decades from 1e-12.
    let choose (given: float option) (memory: FactorMemory) (sums: PackedTriangle[]) (rests: PackedTriangle[]) =
        if sums.Length < 2 then
            { Lambda = given |> Option.defaultValue 1e-12; HeldOut = [||]; HeldOutOfAll = nan }
        else
            match given with
            | Some lambda -> heldOut memory sums rests lambda
            | None ->
                let known = Collections.Generic.Dictionary<int, RidgeFound>()

                let at k =
                    match known.TryGetValue k with
                    | true, value -> value
                    | _ ->
                        let value = heldOut memory sums rests grid[k]
                        known[k] <- value
                        value

                let rec walk k step =
                    let next = k + step

                    if next >= 0 && next < grid.Length && (at next).HeldOutOfAll < (at k).HeldOutOfAll then
                        walk next step
                    else
                        k

                let down = walk 4 -2
                let best = if down = 4 then walk 4 2 else down
                at best

    /// Whether other columns leave less of the same folds, 1, or more, −1: by the mean over folds of the logarithm of what is left, which a few deep overlaps in one fold do not carry alone, and
    /// beyond its standard error. 0: the folds do not tell.
    let compare (one: RidgeFound) (other: RidgeFound) : int =
        let count = float one.HeldOut.Length

        if one.HeldOut.Length < 2 || Array.exists ((=) 0.0) one.HeldOut then
            -1
        else
            let gains = Array.map2 (fun before after -> log (before / after)) one.HeldOut other.HeldOut
            let mean = Array.average gains
            let squares = gains |> Array.sumBy (fun gain -> (gain - mean) * (gain - mean))
            let deviation = sqrt (squares / (count - 1.0) / count)

            if mean > deviation then 1
            elif mean < -deviation then -1
            else 0

    /// From so many rows a column on, more columns are taken where folds do not tell: they cost little there, and held-out frames, whose fits have fewer rows than the last one, say rather
    /// too little for them.
    [<Literal>]
    let private EnoughRows = 12.0

    /// Whether more columns are taken, of so many rows each; where folds do not tell, either if there are rows enough, or if moreover all folds together leave less.
    let isBetter (byRowsAlone: bool) (rowsOfColumn: float) (known: RidgeFound) (next: RidgeFound) : bool =
        match compare known next with
        | 0 ->
            rowsOfColumn >= EnoughRows
            && (byRowsAlone || next.HeldOutOfAll < known.HeldOutOfAll)
        | order -> order > 0
