namespace AniSoap.Learning

open AniSoap
open AniSoap.Formats

/// Runs of training in parts, by their manifests.
module TrainingInParts =
    [<Literal>]
    let private Key = "training"

    /// What the manifest of such a run holds beside its inputs: the setup.
    let metadata (setup: TrainingSetup) : Map<string, string> = Map [ Key, TrainingSetupFile.toJson setup ]

    /// Whether a manifest is of such a run.
    let isTraining (manifest: Manifest) : bool = manifest.Metadata.ContainsKey Key

    /// At how many frames, or a multiple, a part best begins: where it cuts no leaf of any fold's tree.
    let grain (setup: TrainingSetup) : int = setup.Folds * setup.LeafFrames

    /// The potential of all parts, bit for bit that of one run over all frames, which is written to `output`. Refuses parts that are missing, that are of another run, or whose bytes are not
    /// those that they were finished with, all by name; then nothing is written.
    let merge (existing: Existing) (manifestPath: string) (output: string) : Result<Potential, AniSoapError> =
        attempt {
            let! manifest = Manifest.load manifestPath

            let! setup =
                match manifest.Metadata.TryFind Key with
                | Some text -> TrainingSetupFile.ofJson manifestPath text
                | None -> PotentialFile.malformed manifestPath "a run of features" "the manifest of train --part"

            do! PartedRun.checkAll manifestPath manifest

            let! potential =
                manifest.Parts
                |> Seq.map (Manifest.pathOf manifestPath >> TrainingPartFile.load)
                |> TrainingPart.merge setup

            do! PotentialFile.save existing output potential
            return potential
        }
