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

let private structureStyle = { FramePicture.defaults with Triangles = 10_000 }

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
             "map with structures",
             (let frames = [
                 for phase in [ "isotropic"; "nematic" ] do
                     for k, frame in List.indexed (List.truncate 3 (framesOf phase)) -> $"{phase} {k}", frame
              ]

              let spectra = (PowerSpectrum.mean projection (List.map snd frames) |> sure).Blocks[0]

              MapPicture.create
                  {
                      MapPicture.defaults with
                          Colours = [ "none", Plain; "square", ByNumber("square", [ for k in 0..5 -> float (k * k) ]) ]
                  }
                  spectra
              |> Result.bind (MapPicture.withStructures structureStyle None frames [ for k in 0..5 -> struct (k, -1) ])
              |> sure)
             "body",
             (let site x = { Position = Vector3.create x 0.0 0.0; Type = "a" }
              let body = SiteBody.create 1 [ site -0.5; site 0.5 ] |> sure

              let curve = {
                  First = "a"
                  Second = "a"
                  Distances = [ for i in 1..40 -> 0.1 * float i ]
                  Energies = [ for i in 1..40 -> 1.0 / float i ]
                  Nearest = 0.5
                  Farthest = 4.0
              }

              let cost sites = { Species = 1; Sites = sites; Types = 1; HeldOut = 1.0 / float sites }

              BodyPicture.create BodyPicture.defaults [ body ] [ curve ] [ cost 1; cost 2 ]
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
             "comparison",
             ComparisonPicture.create ComparisonPicture.defaults (Array2D.init 6 6 (fun i j -> float (abs (i - j))))
             |> sure
             "benchmark",
             BenchmarkPicture.create "times" "particles" "s" [ { Name = "one"; Points = [ 1.0, 1.0; 10.0, 12.0 ] } ]
         ])

/// Where screenshots are kept to be looked at, if anywhere.
let private album =
    match Environment.GetEnvironmentVariable "ANISOAP_TEST_SCREENSHOTS" with
    | null
    | "" -> None
    | folder -> Some folder

let private screenshot name (visit: Chromium.Visit) =
    album
    |> Option.iter (fun folder -> File.WriteAllBytes(Path.Combine(folder, name + ".png"), visit.Screenshot))

let private drawn = "document.getElementById('picture')?.dataset.drawn == 'yes'"

/// The traces that plotly.js knows; those of 3-D pictures that are in the scene.
let private pieces =
    "(() => { const p = document.getElementById('picture'); const s = p._fullLayout.scene;"
    + " return { traces: p._fullData.filter(t => t.visible === true && t.name !== 'chosen').length,"
    + " objects: s ? s._scene.glplot.objects.length : 0 } })()"

/// The share of pixels that are neither white, grey nor black: of a picture that was drawn, at least one in two thousand.
let private colouredShare = Png.share (fun r g b -> max r (max g b) - min r (min g b) > 40uy)

[<Literal>]
let private LeastColoured = 0.0005

/// What holds for every page: a silent console, no request, a picture that covers some of the page.
let internal check (session: Chromium.Session) (name: string) (path: string) =
    let visit = session.Open(path, drawn, pieces)

    screenshot name visit
    Expect.equal visit.Console [] $"{name}: the console is silent"
    Expect.equal visit.Requests [] $"{name}: nothing is asked for"
    let picture = Png.decode visit.Screenshot
    Expect.isTrue (colouredShare picture > LeastColoured) $"{name}: {100.0 * colouredShare picture} %% is coloured"
    visit

/// Looks at every picture in a window of this size.
let private withPictures width height (look: Chromium.Session -> string -> string -> Figure -> unit) =
    if not (Chromium.isInstalled ()) then
        skiptest Chromium.missing

    TestData.inFolder (fun folder ->
        use session = Chromium.Session.Start(width, height)

        for name, chart in pictures.Value do
            let path = Path.Combine(folder, "picture.html")
            Html.save AniSoap.Existing.Replace path name chart |> sure
            look session name path chart)

[<Tests>]
let tests =
    testSequenced
    <| testList "browser" [
        testCase "draws every picture in silence and without a network"
        <| fun () ->
            withPictures 1000 750 (fun session name path chart ->
                let visit = check session name path
                let expected = (Plotting.FigureData.traces chart).Length
                Expect.equal (visit.Answer.GetProperty("traces").GetInt32()) expected $"{name}: traces"

                if name.StartsWith "frame" then
                    Expect.isTrue (visit.Answer.GetProperty("objects").GetInt32() >= expected) $"{name}: in the scene")

        testCase "fits every picture into a telephone's page"
        <| fun () ->
            withPictures 390 844 (fun session name path _ ->
                let visit = session.Open(path, drawn, "document.documentElement.scrollWidth")
                screenshot (name + " 390") visit
                Expect.equal (visit.Answer.GetInt32()) 390 $"{name}: as wide as the page"
                Expect.equal visit.Console [] $"{name}: the console is silent")

        testCase "keeps every picture whole where its window becomes narrow, low and wide again"
        <| fun () ->
            withPictures 1280 860 (fun session name path _ ->
                session.Open(path, drawn, "1") |> ignore

                // Turned telephones have the width of one arrangement and the height of another.
                for width, height in [ 390, 844; 844, 390; 1280, 860 ] do
                    let complaints, found = session.ResizeTo(width, height, "document.documentElement.scrollWidth")
                    Expect.equal complaints [] $"{name}: the console is silent at {width} x {height}"
                    Expect.equal (found.GetInt32()) width $"{name}: as wide as the page at {width} x {height}")

        testCase "shows the frame that the slider is at"
        <| fun () ->
            if not (Chromium.isInstalled ()) then
                skiptest Chromium.missing

            TestData.inFolder (fun folder ->
                use session = Chromium.Session.Start(800, 600)
                let frames = framesOf "nematic"
                let style = { FramePicture.defaults with Triangles = 10_000 }

                let chart =
                    FramePicture.series style [ for k, frame in List.indexed frames -> $"frame {k}", frame ]
                    |> sure

                let path = Path.Combine(folder, "frames.html")
                Html.save AniSoap.Existing.Replace path "frames" chart |> sure

                let slide =
                    "(async () => { const p = document.getElementById('picture'), r = document.getElementById('frame');"
                    + " const before = p.data[0].x; r.value = 3; r.dispatchEvent(new Event('input'));"
                    + " while (p.data[0].x === before) await new Promise(done => setTimeout(done, 20));"
                    + " return { frames: Number(r.max) + 1, name: document.getElementById('frame-name').value,"
                    + " x: Array.from(p.data[0].x), values: Array.from(p.data[0].intensity) } })()"

                let answer = session.Open(path, drawn, slide).Answer
                Expect.equal (answer.GetProperty("frames").GetInt32()) frames.Length "places of the slider"
                Expect.equal (answer.GetProperty("name").GetString()) "frame 3" "the frame's name"
                // What the browser makes of the particles is what the library makes of them.
                let mesh =
                    FramePicture.create style frames[3]
                    |> sure
                    |> Plotting.FigureData.traces
                    |> List.head

                let numbers (name: string) = [|
                    for value in answer.GetProperty(name).EnumerateArray() -> value.GetDouble()
                |]

                Close.within 1e-4 1.0 (numbers "x") (Plotting.FigureData.numbers "x" mesh) "corners"
                Close.within 1e-4 1.0 (numbers "values") (Plotting.FigureData.numbers "intensity" mesh) "colours")

        testCase "shows the structure of the point that is clicked, and colours by what is chosen"
        <| fun () ->
            if not (Chromium.isInstalled ()) then
                skiptest Chromium.missing

            TestData.inFolder (fun folder ->
                use session = Chromium.Session.Start(1000, 700)
                let path = Path.Combine(folder, "map.html")
                let _, chart = pictures.Value |> List.find (fun (name, _) -> name = "map with structures")
                Html.save AniSoap.Existing.Replace path "map" chart |> sure

                // The mouse over the point of row 5, pressed and released there.
                let click =
                    "(async () => { const p = document.getElementById('picture'), wait = ms => new Promise(done => setTimeout(done, ms));"
                    + " let at; for (const t of p._fullData) { const k = Array.from(t.customdata ?? []).indexOf(5); if (k >= 0) at = [t.x[k], t.y[k]]; }"
                    + " const l = p._fullLayout, box = p.getBoundingClientRect();"
                    + " const where = { clientX: box.left + l.xaxis._offset + l.xaxis.l2p(at[0]), clientY: box.top + l.yaxis._offset + l.yaxis.l2p(at[1]), bubbles: true };"
                    + " const pad = p.querySelector('.nsewdrag');"
                    + " for (const kind of ['mousemove', 'mousedown', 'mouseup']) { pad.dispatchEvent(new MouseEvent(kind, where)); await wait(150); }"
                    + " const name = document.getElementById('point-name'); for (let k = 0; k < 100 && name.value !== 'nematic 2'; k++) await wait(50);"
                    + " const select = document.getElementById('colour'); select.value = 1; select.dispatchEvent(new Event('change')); await wait(300);"
                    + " return { row: Number(document.getElementById('point').value), name: name.value,"
                    + " x: Array.from(document.getElementById('scene').data[0].x), colours: Array.from(p.data[0].marker.color) } })()"

                let visit = session.Open(path, drawn, click)
                screenshot "map after a click" visit
                Expect.equal visit.Console [] "the console is silent"
                let answer = visit.Answer
                Expect.equal (answer.GetProperty("row").GetInt32()) 5 "the row"
                Expect.equal (answer.GetProperty("name").GetString()) "nematic 2" "its frame"

                let mesh =
                    FramePicture.create structureStyle (List.item 2 (framesOf "nematic"))
                    |> sure
                    |> Plotting.FigureData.traces
                    |> List.head

                let numbers (name: string) = [|
                    for value in answer.GetProperty(name).EnumerateArray() -> value.GetDouble()
                |]

                Close.within 1e-4 1.0 (numbers "x") (Plotting.FigureData.numbers "x" mesh) "its particles"
                Expect.equal (numbers "colours") [| for k in 0..5 -> float (k * k) |] "colours")

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
