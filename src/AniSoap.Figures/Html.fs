namespace AniSoap.Plotting

open System.IO
open System.Text
open AniSoap
open AniSoap.Formats

/// Figures as web pages that need nothing but themselves: the script that draws is in them, and no network is asked for anything.
module Html =
    /// Writes the page as UTF-8.
    let write (stream: Stream) (title: string) (figure: Figure) : unit =
        use writer = new StreamWriter(stream, UTF8Encoding false, 1 <<< 16, leaveOpen = true)
        FigurePage.write writer title (figure.LightJson()) (figure.PageJson())

    /// Saves the page as a file, which appears whole or not at all. Refuses a path that exists, unless it is to be replaced, and one that cannot be
    /// written.
    let save (existing: Existing) (path: string) (title: string) (figure: Figure) : Result<unit, AniSoapError> =
        AtomicFile.write existing path (fun stream ->
            write stream title figure
            Ok())
