module AniSoap.Tests.ReferenceExpansionTests

open System
open System.Globalization
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Reference
open AniSoap.Tests.Generators
open AniSoap.Tests.ReferenceData

let private settingsOf (case: string) =
    let json = JsonDocument.Parse(TestData.text $"anisoap/{case}/hypers.json").RootElement
    let get (name: string) = json.GetProperty name
    let lmax, cutoff = (get "max_angular").GetInt32(), (get "cutoff_radius").GetDouble()

    let counts =
        match (get "max_radial").ValueKind with
        | JsonValueKind.Null -> Settings.coupled lmax
        | JsonValueKind.Array -> numbers (get "max_radial") |> Array.map (fun n -> int n + 1)
        | _ -> Settings.uniform lmax ((get "max_radial").GetInt32())

    let withoutCentre =
        match json.TryGetProperty "subtract_center_contribution" with
        | true, value -> value.GetBoolean()
        | _ -> false

    {
        Settings.gto lmax 0 with
            Radial =
                if (get "radial_basis_name").GetString() = "gto" then
                    Gto((get "radial_gaussian_width").GetDouble())
                else
                    Monomial cutoff
            RadialCounts = counts
            Functions = Orthonormal((get "basis_rcond").GetDouble())
            Cutoff = cutoff
            WithCentre = not withoutCentre
    }

let private framesOf (case: string) : Frame list = [
    for json in (JsonDocument.Parse(TestData.text $"anisoap/{case}/frames.json").RootElement).EnumerateArray() do
        let rows (name: string) = (json.GetProperty name).EnumerateArray() |> Seq.map numbers |> Seq.toArray
        let cell = rows "cell" |> Array.map vector

        let repeats =
            (json.GetProperty "pbc").EnumerateArray()
            |> Seq.map _.GetBoolean()
            |> Seq.toArray

        let species, positions = numbers (json.GetProperty "numbers"), rows "positions"
        let quaternions, diameters = rows "quaternions", rows "diameters"

        let particles =
            species
            |> Array.mapi (fun i kind ->
                particle (int kind) (vector positions[i]) quaternions[i] (diameters[i] |> Array.map (fun d -> d / 2.0)))

        match Cell.create cell[0] cell[1] cell[2] { A = repeats[0]; B = repeats[1]; C = repeats[2] } with
        | Ok cell -> Frame.create cell particles
        | Error error -> failwith (AniSoapError.describe error)
]

/// The mean power spectrum of every frame as AniSOAP writes it: a line a frame.
let private spectraOf (case: string) =
    TestData.text($"anisoap/{case}/power_spectrum.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries)
    |> Array.map (fun line ->
        line.Split ','
        |> Array.map (fun text -> Double.Parse(text, CultureInfo.InvariantCulture)))

/// AniSOAP shifts the rows of frames that lack a species against each other in this one.
let private misaligned = "three-species-cluster"

let private spectrum settings species frame =
    let coefficients = Expansion.frame settings species frame
    let vectors = coefficients |> Array.map Coupling.powerSpectrum

    let centres =
        Seq.map2 (fun (e: Ellipsoid) v -> e.Species, v) frame.Particles vectors
        |> Seq.toList

    Coupling.mean vectors[0].Length species centres

let private againstAniSoap =
    testList "the mean power spectra are AniSOAP's" [
        for case in TestData.cases "anisoap" do
            if case <> misaligned && not (case.EndsWith ".json") then
                testCase case
                <| fun () ->
                    let settings, frames = settingsOf case, framesOf case
                    let species = frames |> Seq.collect Frame.species |> Seq.distinct |> Seq.sort |> Seq.toArray
                    // Where S^{-1/2} is largest, AniSOAP's own rounding is amplified.
                    let tolerance = if case = "large-basis" then 1e-11 else 1e-12
                    let actual = frames |> List.map (spectrum settings species) |> Array.concat
                    Close.toLargest tolerance actual (Array.concat (spectraOf case)) "power spectrum"
    ]

let private coupling =
    testList "coupling" [
        testCase "λ-SOAP of λ = 0 by Racah's formula is the power spectrum"
        <| fun () ->
            for case in [ "two-particles"; "three-species-cluster" ] do
                let coefficients = Expansion.centre (settingsOf case) [| 1; 6; 8 |] (framesOf case).Head 0
                let scalars = Coupling.lambdaSoap [ 1; -1 ] 0 coefficients
                Close.toLargest 1e-15 scalars[0] (Coupling.powerSpectrum coefficients) case

        testCase "the mean gives zeros to a species that is not there and keeps the order of species"
        <| fun () ->
            let centres = [ 6, [| 1.0; 2.0 |]; 1, [| 5.0; 7.0 |]; 6, [| 3.0; 6.0 |] ]
            Expect.equal (Coupling.mean 2 [| 1; 6; 8 |] centres) [| 5.0; 7.0; 2.0; 4.0; 0.0; 0.0 |] "mean"
    ]

/// Small enough that a frame of six particles in a narrow cell takes little time.
let private small = { Settings.gto 3 1 with Cutoff = 3.0 }

let private species = [| 1; 6; 8 |]
let private flatten (c: Coefficients[][]) = c |> Array.collect Expansion.flatten

// The norms below are never zero: the centre is its own neighbour.
let private symmetries =
    testList "symmetries" [
        propertyTimes 20 "turning the frame multiplies the coefficients by Wigner's matrices"
        <| fun (SmallFrame frame) (SomeRotation q) ->
            let d = Wigner.matrices 3 (Quaternion.toMatrix q)
            let expected = Expansion.frame small species frame |> Array.map (Array.map (Wigner.rotate d))
            let actual = Expansion.frame small species (Transform.rotate q frame)
            Close.toNorm 1e-12 (flatten actual) (flatten expected) "coefficients"

        propertyTimes 20 "turning the frame leaves the power spectrum and λ-SOAP of λ = 0"
        <| fun (SmallFrame frame) (SomeRotation q) ->
            let features f =
                Expansion.frame small species f
                |> Array.collect (fun c ->
                    let scalars = Coupling.lambdaSoap [ 1; -1 ] 0 c
                    Array.append (Coupling.powerSpectrum c) scalars[0])

            Close.toNorm 1e-12 (features (Transform.rotate q frame)) (features frame) "features"

        propertyTimes 5 "turning the frame multiplies λ-SOAP by Wigner's matrices, pseudotensors too"
        <| fun (SmallFrame frame) (SomeRotation q) ->
            let d = Wigner.matrices 2 (Quaternion.toMatrix q)
            let settings = { small with RadialCounts = [| 2; 1; 1 |] }
            let first f = (Expansion.frame settings species f)[0]

            for lambda in 0..2 do
                for sign in [ 1; -1 ] do
                    let before = Coupling.lambdaSoap [ sign ] lambda (first frame)
                    let after = Coupling.lambdaSoap [ sign ] lambda (first (Transform.rotate q frame))

                    if before[0].Length > 0 then
                        let expected =
                            Array.init (2 * lambda + 1) (fun m ->
                                Array.init before[0].Length (fun column ->
                                    Seq.sum (
                                        seq { for k in 0 .. 2 * lambda -> d[lambda].[m, k] * before[k].[column] }
                                    )))

                        let scale = Coupling.powerSpectrum (first frame) |> Array.map abs |> Array.max

                        Close.within 1e-12 scale (Array.concat after) (Array.concat expected) $"λ = {lambda}, {sign}"

        propertyTimes 20 "moving the frame and moving particles by whole cell vectors change nothing"
        <| fun (SmallFrame frame) (SomeDisplacement t) ->
            let moved =
                frame
                |> Transform.translate t
                |> Transform.moveByCells (fun i -> struct (i % 3 - 1, 2 - i, i))

            let coefficients = Expansion.frame small species frame |> flatten
            Close.toNorm 1e-12 (Expansion.frame small species moved |> flatten) coefficients "coefficients"

        propertyTimes 20 "reflection through the origin multiplies coefficients by (-1)^l"
        <| fun (SmallFrame frame) ->
            let expected =
                Expansion.frame small species frame
                |> Array.map (
                    Array.map (Array.mapi (fun l -> Array.map (Array.map (fun x -> if l % 2 = 0 then x else -x))))
                )

            let actual = Expansion.frame small species (Transform.invert frame)
            Close.toNorm 1e-12 (flatten actual) (flatten expected) "coefficients"

        propertyTimes 20 "the order of the particles is the order of the rows and nothing else"
        <| fun (SmallFrame frame) ->
            let expected = Expansion.frame small species frame |> Array.rev
            let actual = Expansion.frame small species (Transform.reverse frame)
            Close.toNorm 1e-13 (flatten actual) (flatten expected) "coefficients"

    ]

let private neighbours =
    testList "neighbours" [
        propertyTimes 50 "are those of a search over many images"
        <| fun (SmallFrame frame) ->
            let v, p = frame.Cell.Vectors, frame.Cell.Periodicity
            // Cells here are at least 1.6 wide and particles at most two cells apart.
            let range repeats = if repeats then [ -9 .. 9 ] else [ 0 ]

            let many = [
                for i in 0 .. frame.Particles.Length - 1 do
                    for j in 0 .. frame.Particles.Length - 1 do
                        for a in range p.A do
                            for b in range p.B do
                                for c in range p.C do
                                    let shift = float a * v.Row1 + float b * v.Row2 + float c * v.Row3
                                    let r = frame.Particles[j].Position - frame.Particles[i].Position + shift

                                    if Vector3.norm r < 3.0 then
                                        i, j, Vector3.norm r
            ]

            let found = [
                for i in 0 .. frame.Particles.Length - 1 do
                    for j, r in Expansion.neighbours small frame i -> i, j, Vector3.norm r
            ]

            Expect.equal found.Length many.Length "number of neighbours"

            let distances pairs = pairs |> List.map (fun (_, _, d) -> d) |> List.sort |> List.toArray
            Close.within 1e-13 1.0 (distances found) (distances many) "distances"

        testCase "the cutoff is strict, images of the centre count and the centre itself can be left out"
        <| fun () ->
            let x, y, z = Vector3.create 2.0 0.0 0.0, Vector3.create 0.0 5.0 0.0, Vector3.create 0.0 0.0 5.0

            match Cell.create x y z { A = true; B = false; C = false }, Ellipsoid.sphere 1 Vector3.zero 1.0 with
            | Ok cell, Ok sphere ->
                let frame = Frame.create cell [ sphere ]

                let at cutoff withCentre =
                    Expansion.neighbours { small with Cutoff = cutoff; WithCentre = withCentre } frame 0
                    |> List.map (fun (_, r) -> r.X)
                    |> List.sort

                Expect.equal (at 4.0 true) [ -2.0; 0.0; 2.0 ] "4 is not within 4"
                Expect.equal (at 4.5 false) [ -4.0; -2.0; 2.0; 4.0 ] "images without the centre"
            | _ -> failtest "the cell and the sphere are valid"
    ]

[<Tests>]
let tests = testList "slow twin: expansion" [ againstAniSoap; coupling; symmetries; neighbours ]
