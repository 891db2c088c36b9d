using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AniSoap.Benchmarks.Machine;

/// <summary>A C source beside this program as a library for this processor.</summary>
internal sealed class CLibrary : IDisposable
{
    private readonly string folder;
    private readonly nint handle;

    private CLibrary(string folder, nint handle) => (this.folder, this.handle) = (folder, handle);

    /// <summary>Compiles it by gcc; null where there is none.</summary>
    public static CLibrary? Compile(string source)
    {
        var folder = Directory.CreateTempSubdirectory("anisoap-c").FullName;
        var library = Path.Combine(folder, "library.so");
        try
        {
            var words = new[] { "-std=c11", "-O3", "-march=native", "-shared", "-fPIC" };
            using var gcc = Process.Start(
                "gcc",
                [.. words, Path.Combine(AppContext.BaseDirectory, source), "-o", library]
            );
            gcc.WaitForExit();
            return gcc.ExitCode == 0
                ? new CLibrary(folder, NativeLibrary.Load(library))
                : throw new InvalidOperationException($"gcc refuses {source}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Directory.Delete(folder, recursive: true);
            return null;
        }
    }

    /// <summary>The address of a function.</summary>
    public nint Function(string name) => NativeLibrary.GetExport(handle, name);

    public void Dispose()
    {
        NativeLibrary.Free(handle);
        Directory.Delete(folder, recursive: true);
    }
}
