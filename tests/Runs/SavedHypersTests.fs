/// Hyperparameters from and to JSON, and out of files of features.
module AniSoap.Tests.Runs.SavedHypersTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Formats

let private some = [
    Hypers.create 3 (RadialBasis.Gto 1.5) 7.0
    {
        Hypers.create 2 RadialBasis.Monomial 0.1 with
            MaxRadial = RadialCount.PerAngular [ 3; 2; 1 ]
            CenterDensity = CenterDensity.Absent
            Smoothing = Smoothing.ShiftedCosine 0.05
            RadialScaling = Some { Scale = 0.1; Rate = 1.0 / 3.0; Exponent = 7.0 }
            BasisRcond = 1e-9
            BasisTolerance = 1e-4
    }
    {
        Hypers.create 4 (RadialBasis.Gto 0.30000000000000004) 1e-3 with
            MaxRadial = RadialCount.Uniform 2
    }
]

[<Tests>]
let tests =
    testList "hyperparameters in files" [
        test "what is written as JSON is read again" {
            for hypers in some do
                let json = Hypers.toJson hypers
                Expect.isFalse (json.Contains '\n') "one line"

                Expect.equal
                    (SavedHypers.ofJson "a" (System.Text.Encoding.UTF8.GetBytes json)
                     |> Result.map _.MaxAngular)
                    (Ok(Some hypers.MaxAngular))
                    json

            // Those that can work: the others are refused by name once they are complete.
            Expect.equal (Hypers.ofJson (Hypers.toJson some[0]) |> ok) some[0] "the same"
        }

        test "a JSON file is read by its path, whatever its ending" {
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "hypers.txt")
                File.WriteAllText(path, Hypers.toJson some[0])
                Expect.equal (Hypers.load path |> ok) some[0] "the same")
        }

        test "hyperparameters are saved into a new file, and over one only where that is said" {
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "hypers.json")
                Hypers.save path some[0] |> ok
                Expect.equal (Hypers.load path |> ok) some[0] "saved"
                let other = { some[0] with CutoffRadius = some[0].CutoffRadius + 1.0 }
                Expect.isError (Hypers.save path other) "it stays"
                Expect.equal (Hypers.load path |> ok) some[0] "it stayed"
                Hypers.saveWith Existing.Replace path other |> ok
                Expect.equal (Hypers.load path |> ok) other "replaced")
        }

        test "mistakes are refused with their line" {
            for json, words in
                [
                    "{\n \"max_angular\": 1.5\n}", [ "line 2"; "max_angular = 1.5"; "a whole number" ]
                    "{\n\n \"cutoff\": 1\n}", [ "line 3"; "keyword = cutoff"; "cutoff_radius" ]
                    "{\"max_angular\": 1,\n\"max_angular\": 2}", [ "line 2"; "each keyword once" ]
                    "{\"max_radial\": [1,\n 2.5]}", [ "line 2"; "max_radial = 2.5" ]
                    "{\"radial_scaling\":\n {\"scale\": 1}}", [ "line 2"; "radial_scaling"; "incomplete" ]
                    "{\"radial_scaling\":\n {\"speed\": 1}}", [ "line 2"; "radial_scaling"; "speed" ]
                    "{\"species\": [1, 1]}", [ "line 1"; "species = 1,1" ]
                    "{\"radial_basis_name\":\n\n \"gauss\"}", [ "line 3"; "gauss"; "gto or monomial" ]
                    "{\"max_angular\": {}}", [ "max_angular = {…}" ]
                    "[1]", [ "line 1"; "one JSON object" ]
                    "{\n\"max_angular\": 3,\n}", [ "line 3"; "no valid JSON" ]
                    "", [ "no valid JSON" ]
                    "{} {}", [ "no valid JSON" ]
                    "{\"rotation_key\": \"\\ud800\"}", [ "line 1"; "no text" ]
                ] do
                let text = sentence (Hypers.ofJson json |> Result.map ignore)

                for word in words do
                    Expect.stringContains text word json
        }

        test "what is missing is said, and what does not go together" {
            for json, word in
                [
                    "{}", "max_angular is missing"
                    "{\"max_angular\": 3}", "radial_gaussian_width is missing"
                    "{\"max_angular\": 3, \"radial_gaussian_width\": 1}", "cutoff_radius is missing"
                    "{\"max_angular\": 3, \"radial_basis_name\": \"monomial\", \"radial_gaussian_width\": 1}",
                    "no width"
                    "{\"max_angular\": 30, \"radial_gaussian_width\": 1, \"cutoff_radius\": 4}", "max_angular = 30"
                ] do
                let text = sentence (Hypers.ofJson json |> Result.map ignore)
                Expect.stringContains text word json
        }

        test "files without hyperparameters, folders and files that are not there are refused by name" {
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.npy")

                Npy.write Precision.Double Existing.Keep path [ 1; 1 ] (System.ReadOnlyMemory [| 1.0 |])
                |> ok

                for path, word in
                    [
                        path, "no hyperparameters"
                        folder, "is a folder"
                        Path.Combine(folder, "b.json"), "does not exist"
                    ] do
                    let text = sentence (Hypers.load path |> Result.map ignore)
                    Expect.stringContains text path text
                    Expect.stringContains text word text)
        }
    ]
