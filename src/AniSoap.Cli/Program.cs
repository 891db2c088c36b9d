using AniSoap.Cli.Running;

namespace AniSoap.Cli;

/// <summary>The program <c>anisoap</c>.</summary>
public static class Program
{
    /// <summary>
    /// Runs the program. Exit codes: 0 done, 1 failed while running, 2 bad usage or input, 128 + the signal's number
    /// interrupted (Ctrl-C: 130); other than 0 with one line on standard error.
    /// </summary>
    public static int Main(string[] args)
    {
        StandardStreams.Prepare();
        var untilTheEnd = Interruption.OutliveFullFiles();
        try
        {
            return CommandLine.Run(args);
        }
        catch (Refusal refusal)
        {
            return End(refusal.Line, refusal.ExitCode);
        }
        catch (AniSoapException problem)
        {
            // Of the input, as what is wrong with an output is told apart where it is written.
            return End(problem.Message, Refusal.BadInput);
        }
        catch (OperationCanceledException)
        {
            return End(Interruption.Message, Interruption.ExitCode);
        }
        catch (OutOfMemoryException)
        {
            return End("out of memory; fewer --threads or smaller frames need less", Refusal.Failed);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return End(AniSoapErrorModule.systemReason(problem), Refusal.Failed);
        }
        catch (Exception problem)
        {
            // A mistake of this program: its kind and message help the report, a stack trace would not help the user.
            return End($"internal error ({problem.GetType().Name}): {problem.Message}", Refusal.Failed);
        }
        finally
        {
            GC.KeepAlive(untilTheEnd);
        }
    }

    private static int End(string sentence, int exitCode)
    {
        Console.Error.WriteLine($"anisoap: {sentence.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
