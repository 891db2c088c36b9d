namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// The directions in which rows vary most.
[<ReferenceEquality>]
type PcaModel = {
    /// The mean of the rows.
    Mean: ImmutableArray<float>
    /// A row a component, a unit vector whose largest weight in size is positive.
    Axes: Matrix
    /// The variance along each component (divided by rows − 1), descending.
    Variances: ImmutableArray<float>
    /// The share of the whole variance that each explains.
    VarianceRatios: ImmutableArray<float>
}

/// Principal component analysis of matrices through singular values of the rows themselves: components of a variance down to 1e-30 of the
/// largest are resolved, where `PrincipalComponents` (of labelled blocks, through the smaller Gram matrix) stops at 1e-14. Centred, not scaled.
module Pca =
    /// The first `count` components. Refuses more than directions in which the rows vary.
    let fit (count: int) (x: Matrix) : Result<PcaModel, AniSoapError> =
        attempt {
            do! Checks.matrix "x" x
            let mean = Moments.means (Array.create x.Rows 1.0) x

            do!
                Refuse.unless (not (Moments.isConstant mean x)) (fun () ->
                    Refuse.because "rank of x" "0" "at least two rows that differ")

            let columns = Products.columnsOf (Moments.centred mean x)
            let singular = SingularValues.decompose x.Rows columns
            do! Checks.upTo "components" singular.Values.Length "the directions in which the rows vary" count

            let total =
                columns
                |> Array.sumBy (fun column -> Vectors.dot (ReadOnlySpan column) (ReadOnlySpan column))

            let squares = Array.init count (fun k -> singular.Values[k] * singular.Values[k])

            return {
                Mean = ImmutableArray.Create<float> mean
                Axes =
                    Array.init count (fun k ->
                        let sign = Moments.sign singular.Right[k]
                        singular.Right[k] |> Array.map (fun value -> sign * value))
                    |> Array.concat
                    |> Matrix.ofOwned count x.Columns
                Variances = ImmutableArray.CreateRange(squares |> Seq.map (fun square -> square / float (x.Rows - 1)))
                VarianceRatios = ImmutableArray.CreateRange(squares |> Seq.map (fun square -> square / total))
            }
        }

    /// The coordinates of rows: samples × components.
    let transform (model: PcaModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "x" model.Axes.Columns x
        |> Result.map (fun () -> Products.rowsByRows (Moments.centred (Seq.toArray model.Mean) x) model.Axes)

    /// Rows of features from coordinates: what the components leave out is missing.
    let inverse (model: PcaModel) (coordinates: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "coordinates" model.Axes.Rows coordinates
        |> Result.map (fun () ->
            let axes = Matrix.transpose model.Axes

            Products.ofRows coordinates axes (fun row feature ->
                model.Mean[feature] + Vectors.dot (coordinates.Row row) (axes.Row feature)))
