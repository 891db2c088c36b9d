using System.Diagnostics;
using System.Net;
using System.Text;
using AniSoap.Plotting;

namespace AniSoap.Cli.Pictures;

/// <summary>Pictures as .png and .svg, which an installed browser makes of the page.</summary>
internal static class BrowserImage
{
    private const int Width = 1000;
    private const int Height = 700;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Browsers =
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "msedge",
        "chrome",
    ];

    /// <summary>What is written behind the page: the picture as the address of its data, in an element that is found again.</summary>
    private const string AsText = """
        <script>
        const wait = setInterval(() => {
            const picture = document.getElementById('picture');
            if (picture.dataset.drawn !== 'yes') return;
            clearInterval(wait);
            Plotly.toImage({ data: picture.data, layout: figure.layout }, { format: 'FORMAT', width: WIDTH, height: HEIGHT, scale: 'FORMAT' === 'svg' ? 1 : 2 }).then(url => {
                const text = document.createElement('pre');
                text.id = 'image';
                text.textContent = url.slice(url.indexOf(',') + 1);
                document.body.replaceChildren(text);
            });
        }, 50);
        </script>
        """;

    /// <summary>The bytes of an image of a figure, by its ending.</summary>
    internal static byte[] Make(Figure figure, string title, string path, string ending, CancellationToken token)
    {
        var browser =
            Find()
            ?? throw new Refusal(
                $"{path}: {ending} is made by a browser, and none is installed ({string.Join(", ", Browsers)}); .html needs none",
                Refusal.Failed
            );
        var folder = Directory.CreateTempSubdirectory("anisoap-");
        try
        {
            var page = Path.Combine(folder.FullName, "page.html");
            using (var stream = File.Create(page))
            {
                Html.write(stream, title, figure);
                stream.Write(
                    Encoding.UTF8.GetBytes(
                        AsText
                            .Replace("FORMAT", ending[1..])
                            .Replace("WIDTH", $"{Width}")
                            .Replace("HEIGHT", $"{Height}")
                    )
                );
            }
            var image =
                Image(Run(browser, folder.FullName, new Uri(page).AbsoluteUri, token))
                ?? throw new Refusal(
                    $"{path}: {browser} made no picture; write .html and save the picture from there",
                    Refusal.Failed
                );
            return ending == ".svg"
                ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(image))
                : Convert.FromBase64String(image);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? Image(string dom)
    {
        const string start = "<pre id=\"image\">";
        var from = dom.IndexOf(start, StringComparison.Ordinal);
        var to = dom.IndexOf("</pre>", Math.Max(0, from), StringComparison.Ordinal);
        return from < 0 || to < 0 ? null : WebUtility.HtmlDecode(dom[(from + start.Length)..to]);
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder =>
                Browsers.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
            )
            .FirstOrDefault(File.Exists);

    private static string Run(string browser, string folder, string address, CancellationToken token)
    {
        var start = new ProcessStartInfo(browser) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "--headless",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            $"--window-size={Width},{Height}",
            "--virtual-time-budget=60000",
            $"--user-data-dir={Path.Combine(folder, "profile")}",
            "--dump-dom",
            address,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // A browser refuses to shut itself in where it is run as root: the page is our own and fetches nothing.
        if (OperatingSystem.IsLinux() && Environment.UserName == "root")
            start.ArgumentList.Insert(0, "--no-sandbox");
        using var running = Process.Start(start) ?? throw new Refusal($"{browser} does not start", Refusal.Failed);
        var output = running.StandardOutput.ReadToEndAsync(token);
        var errors = running.StandardError.ReadToEndAsync(token);
        if (!running.WaitForExit(Patience))
            running.Kill(entireProcessTree: true);
        _ = errors.GetAwaiter().GetResult();
        return output.GetAwaiter().GetResult();
    }
}
