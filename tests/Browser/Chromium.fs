/// Headless Chromium through ChromeDriver: the WebDriver protocol (w3.org/TR/webdriver2) is plain HTTP and JSON.
module AniSoap.Tests.Browser.Chromium

open System
open System.Diagnostics
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open System.Threading

/// What a page did.
type Visit = {
    /// Errors of any kind, and what its scripts warn of. Chromium's advice on speed is neither.
    Console: string list
    /// What it asked the network for, or tried to.
    Requests: string list
    /// Seconds from opening it to the finished picture.
    Seconds: float
    /// What its script returned, as JSON.
    Answer: JsonElement
    /// A PNG of it.
    Screenshot: byte[]
}

let private find (name: string) =
    (nonNull (Environment.GetEnvironmentVariable "PATH")).Split ':'
    |> Seq.map (fun folder -> Path.Combine(folder, name))
    |> Seq.tryFind File.Exists

/// The two programs, where the machine has them.
let private programs =
    lazy
        (match find "chromium", find "chromedriver" with
         | Some browser, Some driver -> Some(browser, driver)
         | _ -> None)

/// Why there is no browser, for those who could install it.
let missing =
    "chromium or chromedriver is not on the PATH (Debian: apt-get install chromium chromium-driver): no page is opened"

let isInstalled () = programs.Value.IsSome

/// As root in a container: no sandbox, no GPU, and none of what a browser looks up by itself.
let private arguments (profile: string) = [
    "--headless"
    "--no-sandbox"
    "--disable-gpu"
    "--use-angle=swiftshader"
    "--enable-unsafe-swiftshader"
    "--disable-quic"
    "--no-first-run"
    "--disable-background-networking"
    "--disable-component-update"
    "--disable-sync"
    "--disable-dev-shm-usage"
    "--hide-scrollbars"
    "--user-data-dir=" + profile
]

/// A running browser.
type Session private (driver: Process, profile: DirectoryInfo, client: HttpClient, url: string) =
    let send (method': HttpMethod) (path: string) (body: JsonNode option) : JsonElement =
        use request = new HttpRequestMessage(method', url + path)

        body
        |> Option.iter (fun body ->
            request.Content <- new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"))

        use response = client.Send request
        use stream = response.Content.ReadAsStream()
        use document = JsonDocument.Parse stream
        let value = document.RootElement.GetProperty("value").Clone()

        if not response.IsSuccessStatusCode then
            failwith $"chromedriver refuses {path}: {value}"

        value

    let post path (fields: (string * JsonNode) list) =
        let body = JsonObject()

        for name, value in fields do
            body[name] <- value

        send HttpMethod.Post path (Some body)

    let text (value: string) : JsonNode = nonNull (JsonValue.Create value)

    let log kind = [
        for entry in (post "/se/log" [ "type", text kind ]).EnumerateArray() ->
            nonNull (entry.GetProperty("message").GetString())
    ]

    let complaints () = [
        for entry in (post "/se/log" [ "type", text "browser" ]).EnumerateArray() do
            let field (name: string) = nonNull (entry.GetProperty(name).GetString())

            match field "level", field "source" with
            | "SEVERE", _
            | "WARNING", "console-api" -> field "message"
            | _ -> ()
    ]

    let execute (script: string) = post "/execute/sync" [ "script", text script; "args", JsonArray() ]

    /// The addresses that Chromium was asked for, but for the page's own and what stands in it.
    let requests () = [
        for message in log "performance" do
            use document = JsonDocument.Parse message
            let event = document.RootElement.GetProperty "message"

            if event.GetProperty("method").GetString() = "Network.requestWillBeSent" then
                let address =
                    event.GetProperty("params").GetProperty("request").GetProperty("url").GetString()
                    |> nonNull

                let isOwn =
                    [ "file:"; "data:"; "blob:" ]
                    |> List.exists (fun scheme -> address.StartsWith(scheme, StringComparison.Ordinal))

                if not isOwn then
                    address
    ]

    /// Starts ChromeDriver on a free port and a browser with an empty profile. Call only where `isInstalled`.
    static member Start(width: int, height: int) =
        let browser, program = programs.Value.Value

        let info =
            ProcessStartInfo(program, "--port=0", RedirectStandardOutput = true, RedirectStandardError = true)

        let driver = nonNull (Process.Start info)
        let profile = Directory.CreateTempSubdirectory "anisoap-chromium-"

        let rec portIn () =
            match driver.StandardOutput.ReadLine() with
            | null -> failwith "chromedriver did not start"
            | line when line.Contains "successfully on port" -> line.TrimEnd('.').Split(' ') |> Array.last
            | _ -> portIn ()

        let port = portIn ()
        let client = new HttpClient(Timeout = TimeSpan.FromMinutes 3.0)
        let root = "http://127.0.0.1:" + port + "/session"

        let strings (items: string list) : JsonNode =
            let list = JsonArray()

            items
            |> List.iter (fun item -> list.Add(JsonValue.Create item :> JsonNode | null))

            list

        let options = JsonObject()
        options["binary"] <- JsonValue.Create browser
        options["args"] <- strings (arguments profile.FullName)
        let logging = JsonObject()
        logging["browser"] <- JsonValue.Create "ALL"
        logging["performance"] <- JsonValue.Create "ALL"
        let always = JsonObject()
        always["browserName"] <- JsonValue.Create "chrome"
        always["goog:chromeOptions"] <- options
        always["goog:loggingPrefs"] <- logging
        let capabilities = JsonObject()
        capabilities["alwaysMatch"] <- always
        let body = JsonObject()
        body["capabilities"] <- capabilities
        use content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")
        use request = new HttpRequestMessage(HttpMethod.Post, root, Content = content)
        use response = client.Send request
        use reader = new StreamReader(response.Content.ReadAsStream())
        use document = JsonDocument.Parse(reader.ReadToEnd())
        let value = document.RootElement.GetProperty "value"

        match value.TryGetProperty "sessionId" with
        | true, identifier ->
            let session = new Session(driver, profile, client, root + "/" + identifier.GetString())
            session.Resize(width, height)
            session
        | _ ->
            driver.Kill true
            failwith $"chromedriver starts no browser: {value}"

    member private _.Resize(width: int, height: int) =
        // The size of the page itself, whatever the window's frame takes.
        let fields: (string * JsonNode) list = [
            "cmd", text "Emulation.setDeviceMetricsOverride"
            "params",
            nonNull (
                JsonNode.Parse(
                    "{\"width\":"
                    + string width
                    + ",\"height\":"
                    + string height
                    + ",\"deviceScaleFactor\":1,\"mobile\":false}"
                )
            )
        ]

        post "/goog/cdp/execute" fields |> ignore

    /// Gives the page another size and the time to draw itself anew; what its console says meanwhile, and the value of `question`.
    member session.ResizeTo(width: int, height: int, question: string) : string list * JsonElement =
        log "browser" |> ignore
        session.Resize(width, height)
        // plotly.js waits a tenth of a second for more of them, and busy machines longer.
        let clock = Stopwatch.StartNew()
        Thread.Sleep 400

        while clock.Elapsed < TimeSpan.FromSeconds 30.0
              && not ((execute "return document.documentElement.scrollWidth <= window.innerWidth").GetBoolean()) do
            Thread.Sleep 100

        let answer = execute ("return " + question)
        complaints (), answer

    /// Opens a file, waits until `isReady` (an expression) holds, and asks the page for the value of `question`.
    member _.Open(path: string, isReady: string, question: string) : Visit =
        log "browser" |> ignore
        log "performance" |> ignore
        let clock = Stopwatch.StartNew()
        post "/url" [ "url", text (Uri(path).AbsoluteUri) ] |> ignore

        while not ((execute ("return Boolean(" + isReady + ")")).GetBoolean()) do
            // A script that has failed will not finish.
            let failures = complaints ()

            if failures <> [] || clock.Elapsed > TimeSpan.FromMinutes 2.0 then
                failwith (path + " does not get ready; its console says: " + String.Join("; ", failures))

            Thread.Sleep 50

        let seconds = clock.Elapsed.TotalSeconds
        let answer = execute ("return " + question)

        {
            Seconds = seconds
            Answer = answer
            Screenshot = Convert.FromBase64String(nonNull ((send HttpMethod.Get "/screenshot" None).GetString()))
            Console = complaints ()
            Requests = requests ()
        }

    interface IDisposable with
        member _.Dispose() =
            try
                send HttpMethod.Delete "" None |> ignore
            finally
                driver.Kill true
                driver.WaitForExit()
                driver.Dispose()
                client.Dispose()
                profile.Delete true
