using System.Text;

namespace AniSoap.Cli.Output;

/// <summary>Lines beside the main output, which appear whole or not at all.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly AtomicFile file;

    /// <summary>Begins it; none of the files read may be it.</summary>
    internal LogFile(string path, Existing existing, IEnumerable<string> read)
    {
        OutputPath.CheckKind(path);
        if (read.Any(input => PathKindModule.isSameFile(input, path)))
            throw new Refusal($"{path}: is an input too; give the log another name");
        file = AtomicFile.Create(path, existing).OrThrow();
    }

    internal void Write(string line) =>
        file.Write(stream => stream.Write(Encoding.UTF8.GetBytes(line + "\n"))).OrFail();

    internal void Complete() => file.Commit().OrFail();

    public void Dispose() => file.Dispose();
}
