/// Two-dimensional runs: a layer of particles in a cell that repeats across it.
module AniSoap.Tests.LayerTests

open Expecto
open AniSoap
open AniSoap.Tests.LammpsPointTests

let private rows z = [
    $"1 1 2 2 {z} 1 0 0 0 3 1 1"
    "2 1 5.5 2 0 0.8 0 0 0.6 3 1 1"
    $"3 1 7 6 -{z} 0.6 0 0 0.8 3 1 1"
]

let private dump flags z =
    let all = String.concat "\n" (rows z)

    $"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n3\nITEM: BOX BOUNDS {flags}\n0 12\n0 12\n-0.5 0.5\n\
      ITEM: ATOMS id type x y z quatw quati quatj quatk shapex shapey shapez\n{all}\n"

let private data =
    "t\n\n2 atoms\n2 ellipsoids\n0 12 xlo xhi\n0 12 ylo yhi\n-0.25 0.25 zlo zhi\n\nAtoms # ellipsoid\n\n\
     1 1 1 1 2 2 0\n2 1 1 1 5 2 0\n\nEllipsoids\n\n1 3 1 1 1 0 0 0\n2 3 1 1 1 0 0 0\n"

let private xyz lattice =
    $"2\nLattice=\"{lattice}\" Properties=species:S:1:pos:R:3:c_q:R:4:diameter:R:3\nH 0.1 2 2 1 0 0 0 1 3 1\nH -0.1 5 7 1 0 0 0 1 3 1\n"

let private cutoff = { InputOptions.defaults with CutoffRadius = Some 4.0 }
let private isTold (_, warnings: string list) = warnings |> List.filter _.Contains("--pbc") |> List.length

[<Tests>]
let layers =
    testList "layers" [
        testCase "a layer whose images are within the cutoff is warned of once, with the remedy" (fun () ->
            for name, text, remedy in
                [
                    "in.dump", dump "pp pp pp" "0", "--pbc TTF"
                    "in.dump", dump "pp pp pp" "0.1", "--pbc TTF"
                    "in.dump", dump "pp ff pp" "0", "--pbc TFF"
                    "in.dump", dump "pp pp pp" "0" + dump "pp pp pp" "0.1", "--pbc TTF"
                    "in.data", data, "--pbc TTF"
                    "in.xyz", xyz "1 0 0 0 12 0 0 0 12", "--pbc FTT"
                ] do
                let read, warnings = readText cutoff name text
                Expect.isTrue (List.forall Result.isOk read) name
                Expect.equal warnings.Length 1 name
                Expect.stringContains warnings.Head remedy name)

        testCase "without a cutoff, images nearer than two lengths of the particles are warned of" (fun () ->
            Expect.equal (readText InputOptions.defaults "in.dump" (dump "pp pp pp" "0") |> isTold) 1 "near"
            Expect.equal (readText InputOptions.defaults "in.xyz" (xyz "6.5 0 0 0 20 0 0 0 20") |> isTold) 0 "far")

        testCase "what is no layer, or has its images out of reach, is not" (fun () ->
            let told name text = readText cutoff name text |> isTold
            Expect.equal (told "in.dump" (dump "pp pp ff" "0")) 0 "not repeated across"
            Expect.equal (told "in.xyz" (xyz "4 0 0 0 12 0 0 0 12")) 0 "beyond the cutoff"
            Expect.equal (told "in.xyz" (xyz "3 0 0 0 4 0 0 0 4")) 0 "a cell like any other"
            let apart = (xyz "3 0 0 0 12 0 0 0 12").Replace("H -0.1", "H 1.4")
            Expect.equal (told "in.xyz" apart) 0 "particles all over the cell")

        testCase "the axes that repeat can be given for any input, and then nothing is stacked" (fun () ->
            let options = { cutoff with Periodicity = Some { A = true; B = true; C = false } }

            for name, text in [ "in.dump", dump "pp pp pp" "0"; "in.data", data ] do
                match readText options name text with
                | [ Ok snapshot ], [] ->
                    Expect.equal snapshot.Frame.Cell.Periodicity { A = true; B = true; C = false } name
                    let pairs = NeighborList.create 4.0 snapshot.Frame |> SnapshotTests.get
                    Expect.equal pairs.Length 2 name
                | other -> failtest $"{other}"

            let across = { cutoff with Periodicity = Some { A = false; B = true; C = true } }

            match readText across "in.xyz" (xyz "0 0 0 0 12 0 0 0 12") with
            | [ Ok snapshot ], [] ->
                Expect.isFalse
                    snapshot.Frame.Cell.Periodicity.A
                    "a vector of zero along an axis that no longer repeats"
            | other -> failtest $"{other}"

            let boundary =
                readText
                    { cutoff with Periodicity = Some { A = true; B = true; C = true } }
                    "in.dump"
                    (dump "pp pp ff" "0")

            match boundary with
            | [ Ok snapshot ], _ ->
                Expect.isNone (Snapshot.tryInfo "boundary" snapshot) "the file's boundaries no longer hold"
            | other -> failtest $"{other}")

        testCase "a cell whose volume no double holds is refused with its place" (fun () ->
            for size in [ "1e103"; "1e140"; "1e160"; "1e-110"; "1e300" ] do
                let text = (dump "pp pp pp" "0").Replace("0 12\n0 12\n-0.5 0.5", $"0 {size}\n0 {size}\n0 {size}")
                let described = readText cutoff "in.dump" text |> fst |> describe
                Expect.stringContains described "frame 0" size
                Expect.stringContains described "cell" size)
    ]
