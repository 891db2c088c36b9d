/// Cases of AniSOAP and featomic as the library's values.
module AniSoap.Tests.Golden

open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Formats

let sure result =
    match result with
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

/// The frames of a case as the reader gives them.
let frames (case: string) =
    TestData.withFile $"{case}/frames17.extxyz" (fun path -> FrameFile.read path |> Seq.map sure |> Seq.toArray)

/// The hyperparameters of a case.
let hypers (case: string) =
    let json = JsonDocument.Parse(TestData.text $"{case}/hypers.json").RootElement

    let optional (name: string) =
        match json.TryGetProperty name with
        | true, value when value.ValueKind <> JsonValueKind.Null -> Some value
        | _ -> None

    let number name = (optional name |> Option.get).GetDouble()

    let basis =
        match (optional "radial_basis_name" |> Option.get).GetString() with
        | "monomial" -> RadialBasis.Monomial
        | _ -> RadialBasis.Gto(number "radial_gaussian_width")

    let maxRadial =
        match optional "max_radial" with
        | None -> RadialCount.Coupled
        | Some value when value.ValueKind = JsonValueKind.Array ->
            RadialCount.PerAngular [ for n in value.EnumerateArray() -> n.GetInt32() ]
        | Some value -> RadialCount.Uniform(value.GetInt32())

    {
        Hypers.create ((optional "max_angular" |> Option.get).GetInt32()) basis (number "cutoff_radius") with
            MaxRadial = maxRadial
            BasisRcond = number "basis_rcond"
            BasisTolerance = number "basis_tol"
            CenterDensity =
                (match optional "subtract_center_contribution" with
                 | Some value when value.GetBoolean() -> CenterDensity.Absent
                 | _ -> CenterDensity.Merged)
    }

/// Frames and the projection of a case.
let load case =
    let frames = frames case
    frames, Projection.ofFrames (hypers case) frames |> sure

let map (path: string) = TestData.withFile path (Mts.read >> sure)

let cases =
    TestData.cases "anisoap"
    |> List.filter (fun name -> not (name.EndsWith ".json"))

/// All values of a map, block after block.
let values (map: TensorMap) = map.Blocks |> Seq.collect (fun block -> block.Values.ToArray()) |> Seq.toArray

let largest (map: TensorMap) = values map |> Array.fold (fun m v -> max m (abs v)) 0.0

/// Rows of a block by their sample labels.
let rowsBySample (block: TensorBlock) =
    let size = block.ComponentCount * block.Properties.Count
    let width = block.Samples.Size

    [
        for i in 0 .. block.Samples.Count - 1 ->
            block.Samples.Values.Slice(i * width, width).ToArray() |> Array.toList,
            block.Values.Slice(i * size, size).ToArray()
    ]
    |> Map.ofList
