/// Every kind of picture opened in a real browser: it draws, its console is silent, and nothing asks the network for anything.
module AniSoap.Tests.Browser.BrowserTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open AniSoap
open AniSoap.Plotting
open AniSoap.Tests
open AniSoap.Tests.Golden
open AniSoap.Tests.Browser

let private framesOf phase = FrameFile.read (Repository.gayBerne phase) |> Seq.map sure |> Seq.toList

let private hypers = { Hypers.create 4 (RadialBasis.Gto 1.5) 4.0 with MaxRadial = RadialCount.Uniform 3 }

/// Each kind of picture: its name, the chart, and how many pieces a browser must have drawn.
let private pictures =
    lazy
        (let nematic = framesOf "nematic" |> List.head
         let projection = Projection.create hypers [ 1 ] |> sure
         let frames = [ "isotropic"; "nematic" ] |> List.collect framesOf
         let spectra = (PowerSpectrum.mean projection frames |> sure).Blocks[0]

         let frame colouring =
             FramePicture.create { FramePicture.defaults with Colouring = colouring } nematic
             |> sure

         [
             "frame by orientation", frame ByOrientation
             "frame by species", frame BySpecies
             "frame by value", frame (ByValue("number", [ for i in 0..499 -> float i ]))
             "basis", BasisPicture.create BasisPicture.defaults projection
             "spectrum",
             SpectrumPicture.create SpectrumPicture.defaults spectra.Properties (spectra.Row(0, 0).ToArray())
             |> sure
             "density",
             DensityPicture.create { DensityPicture.defaults with Points = 41 } projection nematic 0 1
             |> sure
             "map by group",
             MapPicture.create
                 {
                     MapPicture.defaults with
                         Colouring = ByGroup [ for i in 0..11 -> if i < 6 then "isotropic" else "nematic" ]
                 }
                 spectra
             |> sure
             "map of many",
             (let rows = [| for i in 0..4999 -> [| sin (float i); cos (2.0 * float i); 0.1 * sin (3.0 * float i) |] |]
              let samples, properties = Labels.range "row" rows.Length |> sure, Labels.range "feature" 3 |> sure
              let block = TensorBlock.create samples [] properties (Array.concat rows) |> sure

              MapPicture.create
                  { MapPicture.defaults with Colouring = ByNumber("row", [ for i in 0..4999 -> float i ]) }
                  block
              |> sure)
             "parity",
             (let values = ImmutableArray.CreateRange [ for i in 0..99 -> sin (float i) ]
              let found = ImmutableArray.CreateRange [ for i in 0..99 -> 0.9 * sin (float i) ]

              let line: LearningLine = {
                  Name = "forces"
                  Frames = ImmutableArray.CreateRange [ 10; 20 ]
                  Percent = ImmutableArray.CreateRange [ 4.0; 2.0 ]
              }

              ParityPicture.create "" [ { Name = "energy"; Note = "RMSE 0.1"; Reference = values; Found = found } ] [
                  line
              ]
              |> sure)
             "benchmark",
             BenchmarkPicture.create "times" "particles" "s" [ { Name = "one"; Points = [ 1.0, 1.0; 10.0, 12.0 ] } ]
         ])

/// Where screenshots are kept to be looked at, if anywhere.
let private album =
    match Environment.GetEnvironmentVariable "ANISOAP_TEST_SCREENSHOTS" with
    | null
    | "" -> None
    | folder -> Some folder

let private drawn = "document.getElementById('picture')?.dataset.drawn == 'yes'"

/// The traces that plotly.js knows; those of 3-D pictures that are in the scene.
let private pieces =
    "(() => { const p = document.getElementById('picture'); const s = p._fullLayout.scene;"
    + " return { traces: p._fullData.filter(t => t.visible === true).length,"
    + " objects: s ? s._scene.glplot.objects.length : 0 } })()"

/// The share of pixels that are neither white, grey nor black: of a picture that was drawn, at least one in two thousand.
let private colouredShare = Png.share (fun r g b -> max r (max g b) - min r (min g b) > 40uy)

[<Literal>]
let private LeastColoured = 0.0005

/// What holds for every page: a silent console, no request, a picture that covers some of the page.
let internal check (session: Chromium.Session) (name: string) (path: string) =
    let visit = session.Open(path, drawn, pieces)

    album
    |> Option.iter (fun folder -> File.WriteAllBytes(Path.Combine(folder, name + ".png"), visit.Screenshot))

    Expect.equal visit.Console [] $"{name}: the console is silent"
    Expect.equal visit.Requests [] $"{name}: nothing is asked for"
    let picture = Png.decode visit.Screenshot
    Expect.isTrue (colouredShare picture > LeastColoured) $"{name}: {100.0 * colouredShare picture} %% is coloured"
    visit

[<Tests>]
let tests =
    testSequenced
    <| testList "browser" [
        testCase "draws every picture in silence and without a network"
        <| fun () ->
            if not (Chromium.isInstalled ()) then
                skiptest Chromium.missing

            TestData.inFolder (fun folder ->
                use session = Chromium.Session.Start(1000, 750)

                for name, chart in pictures.Value do
                    let path = Path.Combine(folder, "picture.html")
                    Html.save AniSoap.Existing.Replace path name chart |> sure
                    let visit = check session name path
                    let expected = (Plotting.FigureData.traces chart).Length
                    Expect.equal (visit.Answer.GetProperty("traces").GetInt32()) expected $"{name}: traces"

                    if name.StartsWith "frame" then
                        Expect.isTrue
                            (visit.Answer.GetProperty("objects").GetInt32() >= expected)
                            $"{name}: in the scene")

        testCase "tells of a page that is wrong"
        <| fun () ->
            if not (Chromium.isInstalled ()) then
                skiptest Chromium.missing

            // The checks above can fail: an error, a request and an empty page are all seen.
            TestData.inFolder (fun folder ->
                use session = Chromium.Session.Start(400, 300)
                let path = Path.Combine(folder, "wrong.html")

                File.WriteAllText(
                    path,
                    "<html><body><script>fetch('http://127.0.0.1:9/none').catch(() => 0); console.error('wrong')</script></body></html>"
                )

                let visit = session.Open(path, "document.readyState == 'complete'", "1")
                Expect.isTrue (visit.Console |> List.exists (fun line -> line.Contains "wrong")) "the error"
                Expect.equal visit.Requests [ "http://127.0.0.1:9/none" ] "the request"
                let picture = Png.decode visit.Screenshot
                Expect.equal (picture.Width, picture.Height) (400, 300) "the size of the page"

                Expect.isTrue (colouredShare picture < LeastColoured) "next to no colour")
    ]
