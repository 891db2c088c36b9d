using System.Collections.Immutable;
using System.Text.Json;

namespace AniSoap.Cli.Options;

/// <summary>Hyperparameters as JSON: the keywords of the Python package's constructor, and ours. Strict: what is not
/// understood is refused, and so is a keyword that stands twice.</summary>
internal static class HypersJson
{
    private static readonly string[] Keywords =
    [
        "max_angular",
        "max_radial",
        "radial_basis_name",
        "radial_gaussian_width",
        "cutoff_radius",
        "subtract_center_contribution",
        "basis_rcond",
        "basis_tol",
        "cutoff_smoothing_width",
        "radial_scaling",
        "rotation_type",
        "rotation_key",
        "species",
    ];

    /// <summary>One JSON object with nothing after it.</summary>
    internal static HyperChoices Read(ReadOnlySpan<byte> json, string source)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            var place = new JsonPlace(json, source);
            reader.Read();
            var choices = ReadObject(ref reader, place);
            while (reader.Read()) { } // Refuses what follows the object.
            return choices;
        }
        catch (JsonException problem)
        {
            throw new Refusal(
                $"{source}, line {(problem.LineNumber ?? 0) + 1}: not valid JSON; expected: one object of hyperparameters"
            );
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for a text whose bytes are no UTF-8, or whose escapes are half a character.
            var line = json[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
            throw new Refusal($"{source}, line {line}: found bytes that are no text; expected: JSON in UTF-8");
        }
    }

    private static HyperChoices ReadObject(ref Utf8JsonReader reader, JsonPlace place)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw place.Refuse(ref reader, "the file", "one JSON object of hyperparameters");
        var choices = new HyperChoices();
        var seen = new HashSet<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var keyword = reader.GetString()!;
            if (!Keywords.Contains(keyword))
                throw place.Refuse(ref reader, "keyword", keyword, string.Join(", ", Keywords));
            if (!seen.Add(keyword))
                throw place.Refuse(ref reader, "keyword", keyword, "each keyword once");
            reader.Read();
            choices = With(choices, keyword, ref reader, place);
        }
        return choices;
    }

    private static HyperChoices With(
        HyperChoices choices,
        string keyword,
        ref Utf8JsonReader reader,
        JsonPlace place
    ) =>
        keyword switch
        {
            "max_angular" => choices with { MaxAngular = place.Whole(ref reader, keyword) },
            "max_radial" => choices with { MaxRadial = ReadMaxRadial(ref reader, place) },
            "radial_basis_name" => choices with
            {
                RadialBasis = place.Word(ref reader, keyword, HyperChoices.GtoName, HyperChoices.MonomialName),
            },
            "radial_gaussian_width" => choices with { Width = place.NumberOrNull(ref reader, keyword) },
            "cutoff_radius" => choices with { Cutoff = place.Number(ref reader, keyword) },
            "subtract_center_contribution" => choices with { SubtractCenter = place.Truth(ref reader, keyword) },
            "basis_rcond" => choices with { Rcond = place.Number(ref reader, keyword) },
            "basis_tol" => choices with { Tolerance = place.Number(ref reader, keyword) },
            "cutoff_smoothing_width" => choices with { SmoothingWidth = place.NumberOrNull(ref reader, keyword) },
            "radial_scaling" => choices with { Scaling = ReadScaling(ref reader, place) },
            "rotation_type" => choices with { RotationType = place.Word(ref reader, keyword, "quaternion", "matrix") },
            "rotation_key" => choices with { RotationKey = place.Text(ref reader, keyword) },
            _ => choices with { Species = ReadSpecies(ref reader, place) },
        };

    private static RadialCount ReadMaxRadial(ref Utf8JsonReader reader, JsonPlace place)
    {
        const string accepted = "a whole number, a list of them (one for each l), or null for coupled";
        return reader.TokenType switch
        {
            JsonTokenType.Null => RadialCount.Coupled,
            JsonTokenType.String when reader.ValueTextEquals("coupled") => RadialCount.Coupled,
            JsonTokenType.Number when reader.TryGetInt32(out var one) => RadialCount.NewUniform(one),
            JsonTokenType.StartArray => HyperChoices.PerAngular(place.Wholes(ref reader, "max_radial", accepted)),
            _ => throw place.Refuse(ref reader, "max_radial", accepted),
        };
    }

    private static ImmutableArray<int>? ReadSpecies(ref Utf8JsonReader reader, JsonPlace place)
    {
        const string accepted = "a list of different whole numbers";
        if (reader.TokenType is JsonTokenType.Null)
            return null;
        if (reader.TokenType is not JsonTokenType.StartArray)
            throw place.Refuse(ref reader, "species", accepted);
        var numbers = place.Wholes(ref reader, "species", accepted);
        if (numbers.Count == 0 || numbers.Distinct().Count() != numbers.Count)
            throw place.Refuse(ref reader, "species", string.Join(",", numbers), accepted);
        return [.. numbers.Order()];
    }

    private static RadialScaling? ReadScaling(ref Utf8JsonReader reader, JsonPlace place)
    {
        const string accepted = "an object with the numbers scale, rate and exponent, or null";
        if (reader.TokenType is JsonTokenType.Null)
            return null;
        if (reader.TokenType is not JsonTokenType.StartObject)
            throw place.Refuse(ref reader, "radial_scaling", accepted);
        double? scale = null,
            rate = null,
            exponent = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            var value = place.Number(ref reader, $"radial_scaling {name}");
            switch (name)
            {
                case "scale" when scale is null:
                    scale = value;
                    break;
                case "rate" when rate is null:
                    rate = value;
                    break;
                case "exponent" when exponent is null:
                    exponent = value;
                    break;
                default:
                    throw place.Refuse(ref reader, "radial_scaling keyword", name, accepted);
            }
        }
        return scale is { } s && rate is { } r && exponent is { } e
            ? new RadialScaling(s, r, e)
            : throw place.Refuse(ref reader, "radial_scaling", "an incomplete object", accepted);
    }

    /// <summary>
    /// All hyperparameters under their keywords, so that nothing depends on a later version's defaults, and what was said
    /// about orientations.
    /// </summary>
    internal static void Write(Utf8JsonWriter writer, Hypers hypers, HyperChoices choices)
    {
        writer.WriteStartObject();
        writer.WriteNumber("max_angular", hypers.MaxAngular);
        writer.WritePropertyName("max_radial");
        switch (hypers.MaxRadial)
        {
            case RadialCount.Uniform uniform:
                writer.WriteNumberValue(uniform.maxRadial);
                break;
            case RadialCount.PerAngular list:
                writer.WriteStartArray();
                foreach (var number in list.maxRadial)
                    writer.WriteNumberValue(number);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
        if (hypers.RadialBasis is RadialBasis.Gto gto)
        {
            writer.WriteString("radial_basis_name", HyperChoices.GtoName);
            writer.WriteNumber("radial_gaussian_width", gto.width);
        }
        else
            writer.WriteString("radial_basis_name", HyperChoices.MonomialName);
        writer.WriteNumber("cutoff_radius", hypers.CutoffRadius);
        writer.WriteBoolean("subtract_center_contribution", hypers.SubtractCenterContribution);
        writer.WriteNumber("basis_rcond", hypers.BasisRcond);
        writer.WriteNumber("basis_tol", hypers.BasisTolerance);
        if (hypers.Smoothing is Smoothing.ShiftedCosine cosine)
            writer.WriteNumber("cutoff_smoothing_width", cosine.width);
        if (hypers.RadialScaling?.Value is { } scaling)
        {
            writer.WriteStartObject("radial_scaling");
            writer.WriteNumber("scale", scaling.Scale);
            writer.WriteNumber("rate", scaling.Rate);
            writer.WriteNumber("exponent", scaling.Exponent);
            writer.WriteEndObject();
        }
        if (choices.RotationType is { } type)
            writer.WriteString("rotation_type", type);
        if (choices.RotationKey is { } key)
            writer.WriteString("rotation_key", key);
        writer.WriteEndObject();
    }
}
