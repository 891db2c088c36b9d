namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// How principal covariates are found. Start from `Pcovr.defaults`.
type PcovrOptions = {
    /// How many components.
    Components: int
    /// α: 1 for the components of the features alone (PCA), 0 for the regression alone.
    Mixing: float
    /// λ of the ridge regression Ŷ whose predictions are mixed in.
    Regularization: float
}

/// Few coordinates that both describe the features and predict the targets.
[<ReferenceEquality>]
type PcovrModel = {
    /// The mean of the features.
    MeanX: ImmutableArray<float>
    /// The mean of the targets.
    MeanY: ImmutableArray<float>
    /// A row a component, a column a feature; the largest weight in size is positive. Coordinates are (x − mean) times it.
    Projection: Matrix
    /// A row a target, a column a component.
    Coefficients: Matrix
    /// How many of the components are not zero everywhere: at mixing 0 there are no more than targets.
    Rank: int
}

/// Principal covariates regression: S. de Jong, H. A. L. Kiers, Chemom. Intell. Lab. Syst. 14 (1992) 155; B. A. Helfrecht et al., Mach. Learn.: Sci.
/// Technol. 1 (2020) 045021. Coordinates T are the eigenvectors of α X Xᵀ + (1 − α) Ŷ Ŷᵀ times the roots of their eigenvalues. That matrix is Z Zᵀ with
/// Z = [√α X, √(1 − α) Ŷ], so T comes from singular values of Z, and nothing is squared or divided by. Features and targets are centred
/// here; scale them first.
module Pcovr =
    /// Two components, mixing 0.5, λ = 1e-6.
    let defaults: PcovrOptions = { Components = 2; Mixing = 0.5; Regularization = 1e-6 }

    let internal check (options: PcovrOptions) : Result<unit, AniSoapError> =
        attempt {
            do! Checks.regularization options.Regularization

            do!
                Refuse.unless (options.Mixing >= 0.0 && options.Mixing <= 1.0) (fun () ->
                    Refuse.number "mixing" options.Mixing "0 to 1")
        }

    /// The covariates of rows x (samples × features) and y (samples × targets). Refuses a mixing outside 0 … 1, features that do not vary, and more
    /// components than directions in which they do. Where the mixture has fewer (at mixing 0), the components beyond are zeros.
    let fit (options: PcovrOptions) (x: Matrix) (y: Matrix) : Result<PcovrModel, AniSoapError> =
        attempt {
            do! check options
            let! system = Ridge.system { Ridge.defaults with Regularization = options.Regularization } x y
            let singular = system.Singular
            let rank, targets = singular.Values.Length, y.Columns
            do! Checks.upTo "components" rank "the directions in which the features vary" options.Components

            // Z in the basis U of the features' singular vectors: [√α S, √(1 − α) S²/(S² + λ) Uᵀ Y]. So it has as many rows as X has rank.
            let ofX, ofY = sqrt options.Mixing, sqrt (1.0 - options.Mixing)

            let small = [|
                for k in 0 .. rank - 1 do
                    Array.init rank (fun i -> if i = k then ofX * singular.Values[k] else 0.0)

                for target in 0 .. targets - 1 do
                    Array.init rank (fun k ->
                        let s = singular.Values[k]
                        ofY * system.Projected[target][k] * s / (s + options.Regularization / s))
            |]

            let mixed = SingularValues.decompose rank small
            let found = min options.Components mixed.Values.Length

            do!
                Refuse.unless (found > 0) (fun () ->
                    Refuse.number "mixing" options.Mixing "above 0: the targets do not vary with the features")

            // Z = X A with A = [√α V, √(1 − α) W] and T = Z B with the right singular vectors B: the projection is A B.
            let weights = RidgeSystem.coefficients options.Regularization system

            let axes =
                Array.init found (fun axisIndex ->
                    let b = mixed.Right[axisIndex]
                    let axis = Array.zeroCreate<float> x.Columns

                    for k in 0 .. rank - 1 do
                        Vectors.add (ofX * b[k]) (ReadOnlySpan singular.Right[k]) (Span axis)

                    for target in 0 .. targets - 1 do
                        Vectors.add (ofY * b[rank + target]) (ReadOnlySpan weights[target]) (Span axis)

                    axis)

            let signs = axes |> Array.map Moments.sign

            return {
                MeanX = ImmutableArray.Create<float> system.MeanX
                MeanY = ImmutableArray.Create<float> system.MeanY
                Projection =
                    Matrix.init options.Components x.Columns (fun axisIndex feature ->
                        if axisIndex < found then
                            signs[axisIndex] * axes[axisIndex][feature]
                        else
                            0.0)
                // The least-squares solution (Tᵀ T)⁻¹ Tᵀ Y, whose columns T are orthogonal.
                Coefficients =
                    Matrix.init targets options.Components (fun target axisIndex ->
                        if axisIndex < found then
                            signs[axisIndex]
                            * Vectors.dot (ReadOnlySpan mixed.Left[axisIndex]) (ReadOnlySpan system.Projected[target])
                            / mixed.Values[axisIndex]
                        else
                            0.0)
                Rank = found
            }
        }

    /// The coordinates of rows: samples × components.
    let transform (model: PcovrModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        Checks.newRows "x" model.Projection.Columns x
        |> Result.map (fun () -> Products.rowsByRows (Moments.centred (Seq.toArray model.MeanX) x) model.Projection)

    /// The targets of rows, predicted through the coordinates.
    let predict (model: PcovrModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        transform model x
        |> Result.map (fun coordinates ->
            Products.ofRows coordinates model.Coefficients (fun row target ->
                model.MeanY[target]
                + Vectors.dot (coordinates.Row row) (model.Coefficients.Row target)))
