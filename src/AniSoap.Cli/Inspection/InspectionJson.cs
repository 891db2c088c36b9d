using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AniSoap.Cli.Inspection;

/// <summary>
/// What <c>inspect --json</c> prints, one object: the table's rows as texts, and for every frame its particles, its cell and the order of its particles' axes. Frames are
/// written as they pass, so that memory does not grow with their number.
/// </summary>
internal sealed class InspectionJson : IDisposable
{
    private readonly MemoryStream memory = new();
    private readonly Utf8JsonWriter writer;

    internal InspectionJson(IEnumerable<string> inputs)
    {
        writer = new Utf8JsonWriter(
            memory,
            new JsonWriterOptions { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
        writer.WriteStartObject();
        writer.WriteStartArray("inputs");
        foreach (var input in inputs)
            writer.WriteStringValue(input);
        writer.WriteEndArray();
    }

    internal void BeginFrames() => writer.WriteStartArray("frames");

    internal void Add(string file, int number, Frame frame, IEnumerable<FrameOrder> orders)
    {
        writer.WriteStartObject();
        writer.WriteString("file", file);
        writer.WriteNumber("frame", number);
        writer.WriteNumber("particles", frame.Particles.Length);
        var cell = frame.Cell;
        writer.WriteStartArray("periodic");
        foreach (var repeats in (bool[])[cell.Periodicity.A, cell.Periodicity.B, cell.Periodicity.C])
            writer.WriteBooleanValue(repeats);
        writer.WriteEndArray();
        if (cell.IsPeriodic)
        {
            writer.WriteStartArray("cell");
            foreach (var vector in (Vector3[])[cell.Vectors.Row1, cell.Vectors.Row2, cell.Vectors.Row3])
                Write(vector);
            writer.WriteEndArray();
        }
        writer.WriteStartArray("order");
        foreach (var order in orders)
        {
            writer.WriteStartObject();
            writer.WriteNumber("species", order.Species);
            writer.WriteString("axis", order.Axis);
            writer.WriteNumber("order", order.Found.Order);
            writer.WritePropertyName("director");
            Write(order.Found.Director);
            writer.WriteNumber("biaxiality", order.Found.Biaxiality);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        if (memory.Length > 1 << 16)
            Pass();
    }

    internal void EndFrames() => writer.WriteEndArray();

    /// <summary>The rows of the table and the warnings below it.</summary>
    internal void End(IEnumerable<(string Name, string Value)> rows, IEnumerable<string> warnings)
    {
        writer.WriteStartArray("table");
        foreach (var (name, value) in rows)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(name.Trim());
            writer.WriteStringValue(value);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("warnings");
        foreach (var warning in warnings)
            writer.WriteStringValue(warning);
        writer.WriteEndArray();
        writer.WriteEndObject();
        Pass();
        Console.Out.WriteLine();
    }

    private void Pass()
    {
        writer.Flush();
        Console.Out.Write(Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length));
        memory.SetLength(0);
    }

    private void Write(Vector3 vector)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(vector.X);
        writer.WriteNumberValue(vector.Y);
        writer.WriteNumberValue(vector.Z);
        writer.WriteEndArray();
    }

    public void Dispose()
    {
        // Of a run that failed the writer still has something; it is not to be printed.
        memory.Dispose();
        GC.SuppressFinalize(this);
    }
}
