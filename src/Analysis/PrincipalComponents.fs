namespace AniSoap.Analysis

open System
open System.Collections.Immutable
open MathNet.Numerics.LinearAlgebra
open AniSoap

/// The directions in which rows of features vary most.
[<Sealed>]
type PrincipalComponents
    internal (properties: Labels, mean: float[], axes: float[][], unit: float, variances: float[], totalVariance: float)
    =

    /// The features that the components are made of.
    member _.Properties = properties

    /// The mean of the rows, a number a feature.
    member _.Mean = ReadOnlySpan mean

    /// How many components there are: those asked for, or fewer where the rows do not vary in more directions than rounding.
    member _.Count = axes.Length

    /// The weights of the features in a component, a unit vector. The largest weight in size is positive (the first of equal ones).
    member _.Axis(index: int) = ReadOnlySpan axes[index]

    /// The variance of the rows along each component (divided by rows − 1), descending.
    member _.Variances =
        variances
        |> Array.map (fun variance -> unit * (unit * variance))
        |> ImmutableArray.Create<float>

    /// The share of the whole variance that each component explains; they add up to at most 1.
    member _.VarianceRatios =
        variances
        |> Array.map (fun variance -> variance / totalVariance)
        |> ImmutableArray.Create<float>

    member internal _.RawMean = mean
    member internal _.RawAxes = axes

/// Principal component analysis of rows of features: K. Pearson, Phil. Mag. 2 (1901) 559. Features are centred and not scaled.
module PrincipalComponents =
    /// Variances below this share of the largest are rounding.
    [<Literal>]
    let private Resolution = 1e-14

    /// Squares of larger numbers, and their sums, are beyond what a number can hold.
    [<Literal>]
    let private Largest = 1e150

    let private checkValues (block: TensorBlock) =
        let columns = block.Properties.Count

        match block.Raw |> Array.tryFindIndex (fun value -> not (abs value <= Largest)) with
        | None -> Ok()
        | Some position ->
            let row, column = position / columns, position % columns

            let label =
                Seq.map2
                    (fun name (value: int) -> name + "=" + string value)
                    block.Properties.Names
                    (block.Properties[column].Values.ToArray())
                |> String.concat " "

            Error(
                AniSoapError.invalid
                    ("value in row " + string row + ", column " + string column + " (" + label + ")")
                    block.Raw[position]
                    "finite numbers up to 1e150 in size"
            )

    /// Of v and −v the one whose largest weight is positive; near ties go to the first, so that rounding does not decide.
    let private orient (axis: float[]) =
        let largest = axis |> Array.fold (fun most x -> max most (abs x)) 0.0
        let leading = axis |> Array.find (fun x -> abs x >= largest * (1.0 - 1e-9))
        if leading < 0.0 then Array.map (~-) axis else axis

    let private normalize (axis: float[]) =
        let norm = sqrt (axis |> Array.sumBy (fun x -> x * x))
        axis |> Array.map (fun x -> x / norm)

    /// The largest eigenvalues of a symmetric matrix that has none below zero, with their eigenvectors.
    let private leading count (matrix: Matrix<float>) =
        let eigen = matrix.Evd Symmetricity.Symmetric
        let values = eigen.EigenValues |> Seq.map _.Real |> Seq.toArray

        values
        |> Array.indexed
        |> Array.sortByDescending snd
        |> Array.truncate count
        |> Array.map (fun (k, value) -> value, eigen.EigenVectors.Column(k).ToArray())

    /// The components of centred rows X (n × p) through the smaller of two matrices that have the same eigenvalues: XᵀX, whose eigenvectors
    /// are the axes, or for more features than rows XXᵀ, whose eigenvectors u give the axes Xᵀu/‖Xᵀu‖.
    let private decompose count (centred: Matrix<float>) =
        if centred.ColumnCount <= centred.RowCount then
            leading count (centred.TransposeThisAndMultiply centred)
        else
            leading count (centred.TransposeAndMultiply centred)
            |> Array.map (fun (value, u) ->
                value, (centred.TransposeThisAndMultiply(Vector<float>.Build.Dense u)).ToArray())

    let private checkBlock (block: TensorBlock) =
        if block.Components.IsEmpty then
            Ok()
        else
            let names =
                block.Components
                |> Seq.map (fun labels -> String.Join(", ", labels.Names))
                |> String.concat "; "

            Error(AniSoapError.invalid "components" names "a block of samples × properties without components")

    /// The first `count` principal components of a block's rows (samples × properties). Time and memory grow with the square of the smaller
    /// of both numbers: 500 rows of 20,000 features cost what 20,000 rows of 500 do. Refuses a block with components, fewer than two samples,
    /// no properties, a count below 1, and numbers that are not finite or larger than 1e150 in size.
    let fit (count: int) (block: TensorBlock) : Result<PrincipalComponents, AniSoapError> =
        let rows, columns = block.Samples.Count, block.Properties.Count

        checkBlock block
        |> Result.bind (fun () -> checkValues block)
        |> Result.bind (fun () ->
            if count < 1 then
                Error(AniSoapError.invalid "components" count "a whole number from 1")
            elif rows < 2 then
                Error(AniSoapError.invalid "samples" rows "at least two rows: one does not vary")
            elif columns < 1 then
                Error(AniSoapError.invalid "properties" columns "at least one feature")
            else
                let values = block.Raw
                let mean = Array.zeroCreate<float> columns

                for row in 0 .. rows - 1 do
                    for column in 0 .. columns - 1 do
                        mean[column] <- mean[column] + values[row * columns + column]

                for column in 0 .. columns - 1 do
                    mean[column] <- mean[column] / float rows

                // In units of the largest, so that squares neither overflow nor vanish.
                let difference row column = values[row * columns + column] - mean[column]
                let mutable unit = 0.0

                for row in 0 .. rows - 1 do
                    for column in 0 .. columns - 1 do
                        unit <- max unit (abs (difference row column))

                // A power of two: dividing by it changes no digit.
                let unit =
                    if unit = 0.0 then
                        1.0
                    else
                        Math.ScaleB(1.0, Math.ILogB unit)


                let centred = Matrix<float>.Build.Dense(rows, columns, fun row column -> difference row column / unit)

                let squares = centred.Enumerate() |> Seq.sumBy (fun x -> x * x)
                let found = if squares = 0.0 then [||] else decompose count centred
                let largest = if found.Length = 0 then 0.0 else fst found[0]

                let kept =
                    found
                    |> Array.filter (fun (value, _) -> value > Resolution * largest && value > 0.0)

                PrincipalComponents(
                    block.Properties,
                    mean,
                    kept |> Array.map (snd >> normalize >> orient),
                    unit,
                    kept |> Array.map (fun (value, _) -> value / float (rows - 1)),
                    squares / float (rows - 1)
                )
                |> Ok)

    /// The coordinates of rows along the components: a block of samples × `component`. Refuses a block of other features than the
    /// components were made of.
    let project (components: PrincipalComponents) (block: TensorBlock) : Result<TensorBlock, AniSoapError> =
        checkBlock block
        |> Result.bind (fun () ->
            if block.Properties <> components.Properties then
                Error(
                    AniSoapError.invalid
                        "properties"
                        (string block.Properties.Count)
                        "the features that the components were made of, in the same order"
                )
            else
                let values, mean = block.Raw, components.RawMean

                let coordinate row (axis: float[]) =
                    let mutable sum = 0.0

                    for column in 0 .. axis.Length - 1 do
                        sum <- sum + axis[column] * (values[row * axis.Length + column] - mean[column])

                    sum

                let coordinates = [|
                    for row in 0 .. block.Samples.Count - 1 do
                        for axis in components.RawAxes -> coordinate row axis
                |]

                Labels.range "component" components.Count
                |> Result.bind (fun properties -> TensorBlock.ofOwned block.Samples [] properties coordinates))
