using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Output;

/// <summary>Frames as the main output, or beside it.</summary>
internal static class FrameSink
{
    /// <summary>Opens a file of frames; columns are named as AniSOAP and ASE know them unless another naming is asked for.</summary>
    internal static FrameOutput Open(
        string path,
        Existing existing,
        Action<string> warn,
        ShapeColumns? columns = null
    ) =>
        FrameFileModule
            .create(new(null, columns ?? ShapeColumns.Escaped, existing, FuncConvert.FromAction(warn)), path)
            .OrThrow();
}
