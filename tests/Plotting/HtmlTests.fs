module AniSoap.Tests.Plotting.HtmlTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open AniSoap.Plotting
open AniSoap.Tests

let private chart label =
    BenchmarkPicture.create label "particles" "seconds" [ { Name = label; Points = [ 1.0, 1.0; 2.0, 2.0 ] } ]

let private page title label =
    use memory = new MemoryStream()
    Html.write memory title (chart label)
    System.Text.Encoding.UTF8.GetString(memory.ToArray())

[<Tests>]
let tests =
    testList "pages" [
        testCase "refer to nothing outside of themselves"
        <| fun () ->
            let page = page "a page" "times"
            // What stands in the script that draws is not the page's to fetch; the policy holds for it too.
            let outside = Regex.Replace(page, "<script>.*?</script>", "", RegexOptions.Singleline)

            Expect.isTrue (page.Length - outside.Length > 3_000_000) "the script is in the page"
            Expect.isFalse (Regex.IsMatch(page, "<script[^>]+src")) "no script from elsewhere"
            Expect.isFalse (outside.Contains "http:" || outside.Contains "https:") "no addresses"
            Expect.stringContains outside "default-src 'none'" "the browser is told to fetch nothing"

        testCase "show labels as text, whatever stands in them"
        <| fun () ->
            let nasty = "</script><script>alert(1)</script> & \"quotes\""
            let page = page nasty nasty
            Expect.equal (Regex.Matches(page, "</script>").Count) 2 "the page's own scripts end, and no other"
            Expect.isFalse (page.Contains "<script>alert") "no script of a label's"
            Expect.stringContains page "<title>&lt;/script&gt;" "the title is text"

        testCase "appear whole, and replace a file only when asked to"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "page.html")
                Expect.isOk (Html.save AniSoap.Existing.Keep path "first" (chart "a")) "a new file"
                Expect.isError (Html.save AniSoap.Existing.Keep path "second" (chart "a")) "it exists"
                Expect.stringContains (File.ReadAllText path) "<title>first</title>" "it stays"
                Expect.isOk (Html.save AniSoap.Existing.Replace path "second" (chart "a")) "replaced"
                Expect.stringContains (File.ReadAllText path) "<title>second</title>" "the new one"
                Expect.equal (Directory.GetFiles folder) [| path |] "nothing is left beside it")
    ]
