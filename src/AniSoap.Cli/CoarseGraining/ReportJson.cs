using System.Text;
using System.Text.Json;

namespace AniSoap.Cli.CoarseGraining;

/// <summary>The report of a run as JSON.</summary>
internal static class ReportJson
{
    internal static string Of(CoarseGrainReport report)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("frames", report.Frames);
            writer.WriteString("usual", report.Usual);
            writer.WriteStartArray("kinds");
            foreach (var kind in report.Kinds)
                Kind(writer, kind);
            writer.WriteEndArray();
            writer.WriteStartArray("elements");
            foreach (var atom in report.Atoms)
            {
                writer.WriteStartObject();
                writer.WriteString("name", atom.Label);
                writer.WriteNumber("species", atom.Species);
                writer.WriteString("element", atom.Element?.Value.Symbol);
                writer.WriteString("told_by", atom.Told);
                writer.WriteNumber("mass", atom.Mass);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteNumber("spheres", report.Spheres);
            writer.WriteNumber("atoms_left_over", report.Leftover);
            Numbers(writer, "frames_with_broken_molecules", report.Broken);
            Numbers(writer, "frames_with_merged_molecules", report.Merged);
            Numbers(writer, "frames_with_other_molecules", report.Other);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.ToArray());
    }

    private static void Kind(Utf8JsonWriter writer, KindReport kind)
    {
        writer.WriteStartObject();
        writer.WriteString("name", kind.Name);
        writer.WriteNumber("species", kind.Species);
        writer.WriteNumber("atoms", kind.AtomsEach);
        writer.WriteNumber("count", kind.Count);
        Vector(writer, "semiaxes", kind.MeanSemiAxes);
        Vector(writer, "semiaxes_spread", kind.SpreadOfSemiAxes);
        Vector(writer, "semiaxes_smallest", kind.LeastSemiAxes);
        Vector(writer, "semiaxes_largest", kind.MostSemiAxes);
        writer.WriteNumber("fit_residual_onto_first", kind.ResidualOntoFirst.OverAtoms);
        writer.WriteNumber("fit_residual_by_mass_onto_first", kind.ResidualOntoFirst.ByMass);
        if (kind.ResidualOntoAverage is { Value: var (residual, count) })
        {
            writer.WriteNumber("fit_residual_onto_average", residual.OverAtoms);
            writer.WriteNumber("fit_residual_by_mass_onto_average", residual.ByMass);
            writer.WriteNumber("molecules_in_average", count);
        }
        writer.WriteNumber("planar", kind.Planar);
        writer.WriteNumber("straight", kind.Straight);
        writer.WriteEndObject();
    }

    private static void Vector(Utf8JsonWriter writer, string name, Vector3 v)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(v.X);
        writer.WriteNumberValue(v.Y);
        writer.WriteNumberValue(v.Z);
        writer.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter writer, string name, IEnumerable<int> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
