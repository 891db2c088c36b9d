namespace AniSoap

open System
open System.IO
open AniSoap.Formats

/// Runs in parts: what each part does, and what becomes of all of them.
module PartedRun =
    /// The state of every part.
    let states (manifestPath: string) (manifest: Manifest) : (ManifestPart * PartState) list =
        manifest.Parts
        |> List.map (fun part -> part, PartRecord.check manifest part (Manifest.pathOf manifestPath part))

    let private listed (parts: (ManifestPart * PartState) list) =
        let name (part: ManifestPart, state) =
            match state with
            | PartState.Unfit reason -> part.File + " (" + reason + ")"
            | PartState.Done _
            | PartState.Missing -> part.File

        let shown = parts |> List.truncate 5 |> List.map name |> String.concat ", "

        if parts.Length > 5 then
            shown + ", … (" + string parts.Length + " in all)"
        else
            shown

    /// Refuses parts that are missing, that are of another run, or whose bytes are not those that they were finished with, all by name.
    let checkAll (manifestPath: string) (manifest: Manifest) : Result<unit, AniSoapError> =
        let states = states manifestPath manifest
        let missing = states |> List.filter (fun (_, state) -> state.IsMissing)
        let unfit = states |> List.filter (fun (_, state) -> state.IsUnfit)

        let problems = [
            if not missing.IsEmpty then
                "missing: " + listed missing
            if not unfit.IsEmpty then
                "unfit: " + listed unfit
        ]

        if problems.IsEmpty then
            Ok()
        else
            Error(
                InvalidValue(
                    "parts",
                    String.concat "; " problems,
                    "every part of the manifest, computed for it (run these again)",
                    { Place.Unknown with Source = Some manifestPath }
                )
            )

    /// All parts as one file, bit for bit that of one run over all frames. Refuses what `checkAll` refuses; then nothing is written.
    let merge (existing: Existing) (manifestPath: string) (output: string) : Result<Manifest, AniSoapError> =
        Manifest.load manifestPath
        |> Result.bind (fun manifest ->
            checkAll manifestPath manifest
            |> Result.bind (fun () ->
                manifest.Parts
                |> List.map (Manifest.pathOf manifestPath)
                |> FeatureFile.merge existing output)
            |> Result.map (fun () -> manifest))
