using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

/// <summary>Everything that a consumer in C# relies on, for the program that runs all tests.</summary>
public static class CSharpTests
{
    public static Test All { get; } =
        TestList(
            "C#",
            [
                FrameFileTests.All,
                StreamingTests.All,
                EngineTests.All,
                FileToFileTests.All,
                ProjectionTests.All,
                GradientTests.All,
                TensorTests.All,
                ExceptionTests.All,
                SurfaceTests.All,
                LearningTests.All,
                CoarseGrainTests.All,
            ]
        );
}
