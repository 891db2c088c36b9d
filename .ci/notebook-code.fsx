// The code cells of a notebook, one after another, as a program.
//
//     dotnet fsi .ci/notebook-code.fsx notebooks/first-features.ipynb
open System.IO
open System.Text.Json

let notebook = JsonDocument.Parse(File.ReadAllText fsi.CommandLineArgs[1])

for cell in notebook.RootElement.GetProperty("cells").EnumerateArray() do
    if cell.GetProperty("cell_type").GetString() = "code" then
        for line in cell.GetProperty("source").EnumerateArray() do
            printf "%s" (line.GetString())

        printfn ""
