using System.Globalization;
using System.Text;
using System.Text.Json;
using AniSoap.Cli.Inspection;
using AniSoap.Cli.Options;
using AniSoap.Learning;

namespace AniSoap.Cli.Models;

/// <summary>Errors of targets: those of rows that were left out, those of rows learnt from, or those of other rows.</summary>
internal sealed record TargetErrors(string What, IReadOnlyList<ErrorMeasures> Measures);

/// <summary>What a regression has come to, as a table for people and as JSON.</summary>
internal sealed record RegressionReport(
    LearnedModel Model,
    string Method,
    string Source,
    int Rows,
    Regression? Found,
    string? LeftOut,
    IReadOnlyList<TargetErrors> Errors
)
{
    /// <summary>As a table on standard output.</summary>
    internal void Print() => InspectionTable.Write(Source, Lines());

    private IEnumerable<(string, string)> Lines()
    {
        yield return ("method", Method);
        if (Found?.Kernel is { Value: var kernel })
            yield return ("kernel", KernelOptions.Show(kernel));
        if (Found is not null)
            yield return (
                "regularization",
                $"{Show(Regularization)}, of {Found.Search.Regularizations.Length} from {Show(Found.Search.Regularizations.Min())} to {Show(Found.Search.Regularizations.Max())}"
            );
        yield return ("rows, columns", Invariant($"{Rows}, {Model.Columns.Count}"));
        if (LeftOut is not null)
            yield return ("left out", LeftOut);
        foreach (var errors in Errors)
            for (var target = 0; target < errors.Measures.Count; target++)
            {
                var found = errors.Measures[target];
                yield return (
                    $"{Name(target)}, {errors.What}",
                    Invariant(
                        $"RMSE {Show(found.Rmse)} ({found.PercentOfRms:0.##} % of RMS), MAE {Show(found.Mae)}, R² {found.R2:0.####}"
                    )
                );
            }
    }

    private string Name(int target) => Model.Targets[target] + (Model.PerParticle ? " a particle" : "");

    private double Regularization => Found!.Search.Regularizations[Found.Search.Best];

    /// <summary>As one JSON object.</summary>
    internal string Json()
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("method", Method);
            if (Found is not null)
                writer.WriteNumber("regularization", Regularization);
            if (Found?.Kernel is { Value: var kernel })
                writer.WriteString("kernel", KernelOptions.Show(kernel));
            writer.WriteNumber("rows", Rows);
            writer.WriteNumber("columns", Model.Columns.Count);
            writer.WriteBoolean("per_particle", Model.PerParticle);
            if (LeftOut is not null)
                writer.WriteString("left_out", LeftOut);
            writer.WriteStartObject("targets");
            for (var target = 0; target < Model.Targets.Length; target++)
            {
                writer.WriteStartObject(Model.Targets[target]);
                foreach (var errors in Errors)
                {
                    writer.WriteStartObject(errors.What.Replace(' ', '_'));
                    var found = errors.Measures[target];
                    writer.WriteNumber("count", found.Count);
                    Number(writer, "rmse", found.Rmse);
                    Number(writer, "mae", found.Mae);
                    Number(writer, "r2", found.R2);
                    Number(writer, "percent_of_rms", found.PercentOfRms);
                    writer.WriteEndObject();
                }
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray()) + "\n";
    }

    // JSON has no word for what is not finite.
    private static void Number(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    private static string Show(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
