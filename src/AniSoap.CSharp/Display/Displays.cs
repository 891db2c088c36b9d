using AniSoap.Display;

namespace AniSoap.CSharp.Display;

/// <summary>A value that notebooks show as the table of what it wraps.</summary>
internal interface IWrapped
{
    IDisplayed Displayed { get; }
}

/// <summary>
/// Notebooks look for an attribute of this name, whatever assembly it is from, and make the type that it names. It names it by
/// itself and not where it is put: types that carry an attribute with a type in it are left out of the reference.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute : Attribute
{
    public Type FormatterSourceType { get; } = typeof(WrappedSource);
}

/// <summary>Makes the ways of showing a value.</summary>
internal sealed class WrappedSource
{
    public IEnumerable<object> CreateTypeFormatters() =>
        [
            new WrappedFormatter("text/html", wrapped => wrapped.Displayed.ToHtml()),
            new WrappedFormatter("text/plain", wrapped => wrapped.Displayed.ToString()),
        ];
}

/// <summary>One way of showing a value: members that notebooks find by their names.</summary>
internal sealed class WrappedFormatter(string mimeType, Func<IWrapped, string?> render)
{
    public string MimeType => mimeType;

    public bool Format(object value, TextWriter writer)
    {
        if (value is not IWrapped wrapped)
            return false;
        writer.Write(render(wrapped));
        return true;
    }
}
