namespace AniSoap.Learning

open System
open System.Text.Json
open AniSoap

/// What was learnt from features.
[<RequireQualifiedAccess; ReferenceEquality>]
type Learner =
    /// A linear model.
    | Ridge of RidgeModel
    /// A kernel model of all rows.
    | KernelRidge of KernelRidgeModel
    /// A kernel model of some points.
    | SparseKernel of SparseKernelModel
    /// Principal components.
    | Pca of PcaModel
    /// Principal covariates.
    | Pcovr of PcovrModel
    /// Principal covariates of a kernel.
    | KernelPcovr of KernelPcovrModel

/// A learner with all that is needed to use it on other files of features.
[<ReferenceEquality>]
type LearnedModel = {
    /// What was learnt, of scaled rows.
    Learner: Learner
    /// What rows of features go through first.
    Scaler: ScalerModel
    /// What the columns of features are.
    Columns: Labels
    /// The metadata of the features: their hyperparameters among them.
    Metadata: Map<string, string>
    /// The names of the targets; none where there were none.
    Targets: string list
    /// Whether targets of frames are those of the frame divided by the number of its particles.
    PerParticle: bool
}

/// Learners on files of features.
module LearnedModel =
    [<Literal>]
    let private Hyperparameters = "hypers"

    // What the columns of orientations are called in the input is nothing of the features.
    let private ofInputs = set [ "rotation_type"; "rotation_key" ]

    /// The entries of a JSON object as texts, without those that are about the input.
    let private entries (text: string) =
        try
            use document = JsonDocument.Parse text

            Map [
                for entry in document.RootElement.EnumerateObject() do
                    if not (ofInputs.Contains entry.Name) then
                        entry.Name, entry.Value.GetRawText()
            ]
        with
        | :? JsonException
        | :? InvalidOperationException -> Map [ "", text ]

    let private refuse source parameter (found: string) accepted =
        Error(InvalidValue(parameter, found, accepted, { Place.Unknown with Source = Some source }))

    /// Whether the metadata of both features say of which hyperparameters they are; refuses those that differ, by name. What orientations are called
    /// in the input does not count. `source` is what the features found are called in the refusal.
    let checkHypers
        (source: string)
        (expected: Map<string, string>)
        (found: Map<string, string>)
        : Result<bool, AniSoapError> =
        match expected.TryFind Hyperparameters, found.TryFind Hyperparameters with
        | Some one, Some other when one = other -> Ok true
        | Some one, Some other ->
            let ones, others = entries one, entries other
            let text (all: Map<string, string>) name = all.TryFind name |> Option.defaultValue "nothing"

            Seq.append ones.Keys others.Keys
            |> Seq.tryFind (fun name -> text ones name <> text others name)
            |> function
                | Some name ->
                    refuse
                        source
                        name
                        (text others name)
                        (String.Concat(text ones name, ", as those have that it is put beside"))
                | None -> Ok true
        | _ -> Ok false

    let private nameOf (row: LabelsRow) =
        String.Join(
            ' ',
            Seq.map2 (fun (name: string) (value: int) -> name + "=" + string value) row.Names (row.Values.ToArray())
        )

    /// For every column of the model its place among the columns of features. Features of the same hyperparameters may have more columns
    /// than the model; of others, or where that is not said, they must be the same. What differs is refused by name; `source` is what the
    /// features are called there.
    let columnsIn
        (source: string)
        (columns: Labels)
        (metadata: Map<string, string>)
        (model: LearnedModel)
        : Result<int[], AniSoapError> =
        attempt {
            let! isSame = checkHypers source model.Metadata metadata
            let expected, found = Seq.toList model.Columns.Names, Seq.toList columns.Names
            let list (names: string list) = String.Join(", ", names)

            do!
                if expected = found then
                    Ok()
                else
                    refuse source "names of columns" (list found) (String.Concat(list expected, ", as the model has"))

            let places = Array.init model.Columns.Count (fun i -> columns.Position model.Columns[i].Values)

            match places |> Array.tryFindIndex (fun place -> place < 0) with
            | Some missing ->
                return!
                    refuse
                        source
                        "columns"
                        (String.Concat(string columns.Count, " without ", nameOf model.Columns[missing]))
                        (String.Concat(model.Columns.Count, ", as the model has"))
            | None when not isSame && columns.Count <> model.Columns.Count ->
                return!
                    refuse
                        source
                        "columns"
                        (string columns.Count)
                        (String.Concat(
                            string model.Columns.Count,
                            ", as the model has (more only where both say of which hyperparameters they are)"
                        ))
            | None -> return places
        }

    /// What kind of learner it is: ridge, kernel, sparse, pca, pcovr or kpcovr.
    let methodOf (model: LearnedModel) : string =
        match model.Learner with
        | Learner.Ridge _ -> "ridge"
        | Learner.KernelRidge _ -> "kernel"
        | Learner.SparseKernel _ -> "sparse"
        | Learner.Pca _ -> "pca"
        | Learner.Pcovr _ -> "pcovr"
        | Learner.KernelPcovr _ -> "kpcovr"

    /// The targets of rows (in the order of the model's columns): samples × targets. Refuses a model without targets.
    let predict (model: LearnedModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        attempt {
            let! scaled = Scaler.transform model.Scaler x

            return!
                match model.Learner with
                | Learner.Ridge ridge -> Ridge.predict ridge scaled
                | Learner.KernelRidge kernel -> KernelRidge.predict kernel scaled
                | Learner.SparseKernel sparse -> SparseKernel.predict sparse scaled
                | Learner.Pcovr covariates -> Pcovr.predict covariates scaled
                | Learner.KernelPcovr covariates -> KernelPcovr.predict covariates scaled
                | Learner.Pca _ ->
                    Refuse.because "method" "pca" "a model of targets: ridge, kernel, sparse, pcovr or kpcovr"
        }

    /// The coordinates of rows (in the order of the model's columns): samples × components. Refuses a regression.
    let transform (model: LearnedModel) (x: Matrix) : Result<Matrix, AniSoapError> =
        attempt {
            let! scaled = Scaler.transform model.Scaler x

            return!
                match model.Learner with
                | Learner.Pca components -> Pca.transform components scaled
                | Learner.Pcovr covariates -> Pcovr.transform covariates scaled
                | Learner.KernelPcovr covariates -> KernelPcovr.transform covariates scaled
                | Learner.Ridge _
                | Learner.KernelRidge _
                | Learner.SparseKernel _ ->
                    Refuse.because "method" (methodOf model) "a model with components: pca, pcovr or kpcovr"
        }
