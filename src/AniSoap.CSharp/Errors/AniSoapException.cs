namespace AniSoap.CSharp;

/// <summary>
/// Why something cannot be done: the base of everything that this library throws on account of parameters, data and files. (A mistake in
/// a call itself, like a null argument or an index out of range, throws the usual <see cref="ArgumentException"/>s; a cancelled one
/// <see cref="OperationCanceledException"/>.) The message is one sentence: where, what, and what is accepted.
/// </summary>
public abstract class AniSoapException : Exception
{
    private protected AniSoapException(AniSoapError error)
        : base(AniSoapErrorModule.describe(error)) => Error = error;

    /// <summary>The same as a value, as functions of the F# library return it.</summary>
    public AniSoapError Error { get; }

    /// <summary>Where it was found: as much as is known of file, line, frame and particle (<c>Place.Line?.Value</c> or null).</summary>
    public Place Place => AniSoapErrorModule.place(Error);

    /// <summary>The exception for an error that a function of the F# library has returned.</summary>
    public static AniSoapException Of(AniSoapError error) =>
        error switch
        {
            AniSoapError.InvalidValue invalid => new InvalidValueException(invalid),
            AniSoapError.Malformed malformed => new MalformedDataException(malformed),
            AniSoapError.Missing missing => new MissingDataException(missing),
            AniSoapError.Inaccessible inaccessible => new InaccessibleFileException(inaccessible),
            _ => throw new InvalidOperationException(AniSoapErrorModule.describe(error)),
        };
}

/// <summary>A parameter, or a value in the input, that cannot work.</summary>
public sealed class InvalidValueException : AniSoapException
{
    internal InvalidValueException(AniSoapError.InvalidValue error)
        : base(error) => (Parameter, Value, Accepted) = (error.parameter, error.value, error.accepted);

    /// <summary>The name of the parameter or quantity, as files and the program's options write it: <c>cutoff_radius</c>.</summary>
    public string Parameter { get; }

    /// <summary>The value as given.</summary>
    public string Value { get; }

    /// <summary>What is accepted.</summary>
    public string Accepted { get; }
}

/// <summary>A file whose content does not follow its format.</summary>
public sealed class MalformedDataException : AniSoapException
{
    internal MalformedDataException(AniSoapError.Malformed error)
        : base(error) => (Found, Expected) = (error.found, error.expected);

    /// <summary>What was found.</summary>
    public string Found { get; }

    /// <summary>What is expected there.</summary>
    public string Expected { get; }
}

/// <summary>Something that must be in the input and is not, like the orientations of particles.</summary>
public sealed class MissingDataException : AniSoapException
{
    internal MissingDataException(AniSoapError.Missing error)
        : base(error) => (What, Remedy) = (error.what, error.remedy);

    /// <summary>What is missing.</summary>
    public string What { get; }

    /// <summary>How to supply it.</summary>
    public string Remedy { get; }
}

/// <summary>A file that cannot be opened, read or written.</summary>
public sealed class InaccessibleFileException : AniSoapException
{
    internal InaccessibleFileException(AniSoapError.Inaccessible error)
        : base(error) => (Path, Reason) = (error.path, error.reason);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The system's reason.</summary>
    public string Reason { get; }
}
