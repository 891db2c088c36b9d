namespace AniSoap.Learning

open System.Collections.Immutable
open AniSoap

/// Rows or columns that were chosen, in the order of choice.
[<ReferenceEquality>]
type Selection = {
    /// Their numbers, counted from 0.
    Positions: ImmutableArray<int>
    /// What each was chosen for: farthest points, the distance from the nearest chosen before (infinite for the first); CUR, its leverage.
    Scores: ImmutableArray<float>
}

module internal Selection =
    let ofPairs (chosen: struct (int * float)[]) : Selection = {
        Positions = ImmutableArray.CreateRange(chosen |> Seq.map (fun struct (position, _) -> position))
        Scores = ImmutableArray.CreateRange(chosen |> Seq.map (fun struct (_, score) -> score))
    }

/// Farthest point sampling: T. F. Gonzalez, Theor. Comput. Sci. 38 (1985) 293. The next is the one that is farthest from all chosen; of equal ones
/// the lowest number.
module FarthestPoints =
    /// The choices until there are enough or all others are equal to one of them, with their distances.
    let private choose (first: int) (count: int) (x: Matrix) =
        let nearest = Array.create x.Rows infinity
        let chosen = ResizeArray [ struct (first, infinity) ]
        let mutable last = first
        let mutable exhausted = false

        while chosen.Count < count && not exhausted do
            let newest = last

            Products.forEach x.Rows (float x.Rows * float x.Columns) (fun row ->
                nearest[row] <- min nearest[row] (Vectors.squaredDistance (x.Row row) (x.Row newest)))

            let mutable farthest = 0

            for row in 1 .. x.Rows - 1 do
                if nearest[row] > nearest[farthest] then
                    farthest <- row

            if nearest[farthest] > 0.0 then
                chosen.Add(struct (farthest, sqrt nearest[farthest]))
                last <- farthest
            else
                exhausted <- true

        chosen.ToArray()

    /// Chooses `count` rows, the first given by its number. Refuses more than there are different rows.
    let samples (first: int) (count: int) (x: Matrix) : Result<Selection, AniSoapError> =
        attempt {
            do! Checks.matrix "x" x
            do! Checks.upTo "count" x.Rows "as many as there are" count

            do!
                Refuse.unless (first >= 0 && first < x.Rows) (fun () ->
                    Refuse.count "first" first (System.String.Concat("0 to ", x.Rows - 1)))

            let chosen = choose first count x
            do! Checks.upTo "count" chosen.Length "as many as differ" count
            return Selection.ofPairs chosen
        }

    /// Chooses `count` columns, the first given by its number: samples of the transposed matrix.
    let features (first: int) (count: int) (x: Matrix) : Result<Selection, AniSoapError> =
        samples first count (Matrix.transpose x)
