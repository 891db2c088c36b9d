namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.Text.Json

/// Parts of learners as JSON. What reads throws what JsonElement throws, KeyNotFoundException and InvalidOperationException, where the text is
/// another.
module internal LearnedJson =
    let writeNumbers (writer: Utf8JsonWriter) (name: string) (values: float seq) =
        writer.WriteStartArray name

        for value in values do
            writer.WriteNumberValue value

        writer.WriteEndArray()

    let numbers (element: JsonElement) (name: string) : ImmutableArray<float> =
        let array = element.GetProperty name
        let values = ImmutableArray.CreateBuilder<float>(array.GetArrayLength())

        for value in array.EnumerateArray() do
            values.Add(value.GetDouble())

        values.MoveToImmutable()

    let private number (element: JsonElement) (name: string) = element.GetProperty(name).GetDouble()
    let private whole (element: JsonElement) (name: string) = element.GetProperty(name).GetInt32()
    let private wrong (what: string) = raise (InvalidOperationException what)

    /// So many numbers as columns; else the file is none of ours.
    let private sized count what (values: ImmutableArray<float>) = if values.Length = count then values else wrong what

    let private inObject (writer: Utf8JsonWriter) (name: string) (write: unit -> unit) =
        writer.WriteStartObject name
        write ()
        writer.WriteEndObject()

    let private writeMatrix (writer: Utf8JsonWriter) name (matrix: Matrix) =
        inObject writer name (fun () ->
            writer.WriteNumber("rows", matrix.Rows)
            writer.WriteNumber("columns", matrix.Columns)
            writeNumbers writer "values" (matrix.Values.ToArray()))

    let private matrix (element: JsonElement) (name: string) : Matrix =
        let inner = element.GetProperty name

        match Matrix.create (whole inner "rows") (whole inner "columns") (numbers inner "values") with
        | Ok matrix -> matrix
        | Error _ -> wrong (name + " with as many values as rows × columns")

    /// A matrix with as many columns as there are features, components or points.
    let private matrixOf columns element name =
        let found = matrix element name

        if found.Columns = columns then
            found
        else
            wrong (name + " with another number of columns")

    let private writeKernel (writer: Utf8JsonWriter) (kernel: Kernel) =
        inObject writer "kernel" (fun () ->
            match kernel with
            | Kernel.Linear -> writer.WriteString("name", "linear")
            | Kernel.Gaussian gamma ->
                writer.WriteString("name", "gaussian")
                writer.WriteNumber("gamma", gamma)
            | Kernel.Polynomial(degree, gamma, constant) ->
                writer.WriteString("name", "polynomial")
                writer.WriteNumber("degree", degree)
                writer.WriteNumber("gamma", gamma)
                writer.WriteNumber("constant", constant))

    let private kernel (element: JsonElement) : Kernel =
        let inner = element.GetProperty "kernel"

        let found =
            match inner.GetProperty("name").GetString() with
            | "linear" -> Kernel.Linear
            | "gaussian" -> Kernel.Gaussian(number inner "gamma")
            | "polynomial" -> Kernel.Polynomial(whole inner "degree", number inner "gamma", number inner "constant")
            | _ -> wrong "the kernel linear, gaussian or polynomial"

        match Kernel.check found with
        | Ok() -> found
        | Error _ -> wrong "a kernel with parameters above 0"

    let private writeRidge (writer: Utf8JsonWriter) (ridge: RidgeModel) =
        writeMatrix writer "coefficients" ridge.Coefficients
        writeNumbers writer "intercept" ridge.Intercept
        writer.WriteNumber("regularization", ridge.Regularization)
        writer.WriteNumber("rank", ridge.Rank)

    let private ridge columns (element: JsonElement) : RidgeModel =
        let coefficients = matrixOf columns element "coefficients"

        {
            Coefficients = coefficients
            Intercept = numbers element "intercept" |> sized coefficients.Rows "an intercept a target"
            Regularization = number element "regularization"
            Rank = whole element "rank"
        }

    let private writeFeatures (writer: Utf8JsonWriter) (features: KernelFeaturesModel) =
        writeKernel writer features.Kernel
        writeMatrix writer "points" features.Points
        writeMatrix writer "whitening" features.Whitening

    let private features columns (element: JsonElement) : KernelFeaturesModel =
        let points = matrixOf columns element "points"

        {
            Kernel = kernel element
            Points = points
            Whitening = matrixOf points.Rows element "whitening"
        }

    let private writePcovr (writer: Utf8JsonWriter) (covariates: PcovrModel) =
        writeNumbers writer "mean_x" covariates.MeanX
        writeNumbers writer "mean_y" covariates.MeanY
        writeMatrix writer "projection" covariates.Projection
        writeMatrix writer "coefficients" covariates.Coefficients
        writer.WriteNumber("rank", covariates.Rank)

    let private pcovr columns (element: JsonElement) : PcovrModel =
        let projection = matrixOf columns element "projection"
        let coefficients = matrixOf projection.Rows element "coefficients"

        {
            MeanX = numbers element "mean_x" |> sized columns "a mean a feature"
            MeanY = numbers element "mean_y" |> sized coefficients.Rows "a mean a target"
            Projection = projection
            Coefficients = coefficients
            Rank = whole element "rank"
        }

    /// The members of an object that is a learner.
    let writeLearner (writer: Utf8JsonWriter) (learner: Learner) =
        match learner with
        | Learner.Ridge model -> writeRidge writer model
        | Learner.KernelRidge model ->
            writeKernel writer model.Kernel
            writeMatrix writer "points" model.Points
            writeMatrix writer "coefficients" model.Coefficients
        | Learner.SparseKernel model ->
            inObject writer "features" (fun () -> writeFeatures writer model.Features)
            inObject writer "ridge" (fun () -> writeRidge writer model.Ridge)
        | Learner.Pca model ->
            writeNumbers writer "mean" model.Mean
            writeMatrix writer "axes" model.Axes
            writeNumbers writer "variances" model.Variances
            writeNumbers writer "variance_ratios" model.VarianceRatios
        | Learner.Pcovr model -> writePcovr writer model
        | Learner.KernelPcovr model ->
            inObject writer "features" (fun () -> writeFeatures writer model.Features)
            writer.WriteNumber("scale", model.Scale)
            inObject writer "covariates" (fun () -> writePcovr writer model.Covariates)

    /// The learner of a name on so many columns.
    let learner (name: string) (columns: int) (element: JsonElement) : Learner =
        match name with
        | "ridge" -> Learner.Ridge(ridge columns element)
        | "kernel" ->
            let points = matrixOf columns element "points"

            Learner.KernelRidge {
                Kernel = kernel element
                Points = points
                Coefficients = matrixOf points.Rows element "coefficients"
            }
        | "sparse" ->
            let features = features columns (element.GetProperty "features")

            Learner.SparseKernel {
                Features = features
                Ridge = ridge features.Whitening.Rows (element.GetProperty "ridge")
            }
        | "pca" ->
            let axes = matrixOf columns element "axes"

            Learner.Pca {
                Mean = numbers element "mean" |> sized columns "a mean a feature"
                Axes = axes
                Variances = numbers element "variances" |> sized axes.Rows "a variance a component"
                VarianceRatios = numbers element "variance_ratios" |> sized axes.Rows "a share a component"
            }
        | "pcovr" -> Learner.Pcovr(pcovr columns element)
        | "kpcovr" ->
            let features = features columns (element.GetProperty "features")

            Learner.KernelPcovr {
                Features = features
                Scale = number element "scale"
                Covariates = pcovr features.Whitening.Rows (element.GetProperty "covariates")
            }
        | _ -> wrong "the method ridge, kernel, sparse, pca, pcovr or kpcovr"
