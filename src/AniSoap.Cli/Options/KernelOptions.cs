using System.CommandLine;
using AniSoap.Learning;

namespace AniSoap.Cli.Options;

/// <summary>The options of kernels of rows.</summary>
internal sealed class KernelOptions
{
    private readonly string usualKernel;
    private const string Linear = "linear";
    private const string Polynomial = "polynomial";
    private const string Gaussian = "gaussian";

    private readonly Option<string> kernel;
    private readonly Option<string> gamma;
    private readonly Option<string> degree = Choice.Of("--degree", "D", "the polynomial's power; default 2");
    private readonly Option<string> constant = Choice.Of("--constant", "C", "the polynomial's constant; default 1");

    /// <param name="isLinear">Whether the linear kernel is taken where none is given, else the Gaussian one.</param>
    /// <param name="ofGamma">What is said of --gamma.</param>
    internal KernelOptions(
        bool isLinear = false,
        string ofGamma =
            "G of the kernel, for scaled features; of several values the best one by cross-validation is taken"
    )
    {
        usualKernel = isLinear ? Linear : Gaussian;
        kernel = Choice.Among(
            "--kernel",
            $"how alike two rows are: gaussian: exp(-G |x - y|^2); polynomial: (G x.y + C)^D; linear: x.y; default {usualKernel}",
            Gaussian,
            Polynomial,
            Linear
        );
        gamma = Choice.Of("--gamma", isLinear ? "G" : "G[,G…]", ofGamma);
    }

    internal void AddTo(Command command)
    {
        command.Add(kernel);
        command.Add(gamma);
        command.Add(degree);
        command.Add(constant);
    }

    /// <summary>Whether the polynomial kernel is asked for.</summary>
    internal bool IsPolynomial(ParseResult given) => given.GetValue(kernel) == Polynomial;

    /// <summary>Which of these options are given, for methods that have no kernel.</summary>
    internal string? Given(ParseResult given) =>
        ((Option<string>[])[kernel, gamma, degree, constant])
            .FirstOrDefault(option => given.GetValue(option) is not null)
            ?.Name;

    /// <summary>The kernels to choose from; <paramref name="usual"/> are the gammas where none is given.</summary>
    internal IReadOnlyList<Kernel> Read(ParseResult given, params double[] usual)
    {
        var name = given.Word(kernel, Gaussian, Polynomial, Linear) ?? usualKernel;
        if (name != Polynomial && (given.GetValue(degree) ?? given.GetValue(constant)) is not null)
            throw Refusal.Of(kernel.Name, $"{name} with {degree.Name} or {constant.Name}", Polynomial);
        if (name == Linear)
            return given.GetValue(gamma) is null
                ? [Kernel.Linear]
                : throw Refusal.Of(kernel.Name, $"{Linear} with {gamma.Name}", $"{Gaussian} or {Polynomial}");
        var gammas = given.GetValue(gamma) is { } text
            ? Array.ConvertAll(text.Split(','), part => Texts.Number(gamma.Name, part.Trim()))
            : usual;
        if (gammas.Any(value => value <= 0.0))
            throw Refusal.Of(gamma.Name, given.GetValue(gamma) ?? "", "numbers above 0");
        return
        [
            .. gammas.Select(value =>
                name == Gaussian
                    ? Kernel.NewGaussian(value)
                    : Kernel.NewPolynomial(given.Whole(degree) ?? 2, value, given.Number(constant) ?? 1.0)
            ),
        ];
    }

    /// <summary>As a sentence has it.</summary>
    internal static string Show(Kernel kernel) =>
        kernel switch
        {
            Kernel.Gaussian gaussian => $"gaussian, gamma {Texts.Show(gaussian.gamma)}",
            Kernel.Polynomial polynomial =>
                $"polynomial of degree {polynomial.degree}, gamma {Texts.Show(polynomial.gamma)}, constant {Texts.Show(polynomial.constant)}",
            _ => Linear,
        };
}
