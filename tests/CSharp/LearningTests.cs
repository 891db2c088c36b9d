using AniSoap.Learning;
using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

/// <summary>Models by plain arrays.</summary>
internal static class LearningTests
{
    internal static Test All { get; } =
        TestList(
            "models that learn",
            [
                TestCase("a line is learnt and predicted", FitsALine),
                TestCase("regularisations are tried by leaving rows out and by groups", Searches),
                TestCase("kernels, components, covariates and selections take plain arrays", TakesPlainArrays),
                TestCase("what cannot be done is an exception that says so", Refuses),
            ]
        );

    private static readonly double[,] X =
    {
        { 0, 1 },
        { 1, 0 },
        { 2, 2 },
        { 3, 1 },
        { 4, 4 },
        { 5, 0 },
    };

    private static readonly double[] Y = [.. Enumerable.Range(0, 6).Select(i => 3 * X[i, 0] - X[i, 1] + 0.5)];

    private static void FitsALine()
    {
        var scaler = Learn.Scaler(X, perColumn: true);
        var scaled = scaler.Transform(X);
        Check.Close(1e-14, Flat(X), Flat(scaler.Inverse(scaled)));
        var model = Learn.Ridge(X, Learn.Column(Y), regularization: 0);
        Check.Close(1e-12, [3, -1], model.Coefficients.Values);
        Check.Close(1e-12, [0.5], [.. model.Intercept]);
        Check.Close(1e-12, Y, Flat(model.Predict(X)));
        Check.Close(1e-12, [3, -1], Flat(model.Coefficients.ToArray()));
        var weighted = Learn.Ridge(X, Learn.Column(Y), 0, intercept: false, weights: [1, 1, 1, 0, 0, 0]);
        Check.Equal(0.0, weighted.Intercept[0]);
        Check.Close(1e-14, Flat(X), Flat(Learn.Rows(Flat(X), 2)));
    }

    private static void Searches()
    {
        double[] grid = [1e-8, 1e-2, 1];
        var search = Learn.RidgeSearch(X, Learn.Column(Y), grid);
        Check.Equal(0, search.Best);
        Check.Equal(3, search.Errors.Rows);
        Check.Close(1e-6, Y, Flat(search.Model.Predict(X)));
        var grouped = Learn.RidgeSearch(X, Learn.Column(Y), grid, groups: [0, 0, 1, 1, 2, 2], folds: 3);
        Check.Equal(0, grouped.Best);
        Check.Close(1e-6, Y, Flat(grouped.HeldOut.ToArray()));
    }

    private static void TakesPlainArrays()
    {
        var (y, kernel) = (Learn.Column(Y), Learn.GaussianKernel(0.1));
        var dense = Learn.KernelRidge(X, y, kernel, 1e-6).Predict(X);
        var sparse = Learn.SparseKernel(X, X, y, kernel, 1e-6).Predict(X);
        Check.Close(1e-6, Flat(dense), Flat(sparse));
        var similarity = Learn.KernelMatrix(Learn.PolynomialKernel(2, 1, 1), X, X);
        Check.Close(1e-12, [4], [similarity[0, 0]]);
        Check.Close(1e-12, [Math.Sqrt(2)], [Learn.Distances(Learn.LinearKernel, X, X)[0, 1]]);
        Check.Close(1e-12, [1], [Learn.Similarities(kernel, X, X)[2, 2]]);
        Check.Close(1e-12, [1, 0], [.. Flat(Learn.NormalizeRows(X))[2..4]]);
        Check.Equal(6, Learn.KernelNormalizer(similarity).Transform(similarity).GetLength(0));
        var components = Learn.Pca(X, 2);
        Check.Close(1e-12, Flat(X), Flat(components.Inverse(components.Transform(X))));
        Check.Close(1e-4, Y, Flat(Learn.Pcovr(X, y, components: 2, mixing: 0.5).Predict(X)));
        Check.Close(1e-4, Y, Flat(Learn.KernelPcovr(X, y, Learn.LinearKernel, 2, 0.5).Predict(X)));
        Check.Equal("0, 5", string.Join(", ", Learn.FarthestSamples(X, 2)));
        Check.Equal("0, 1", string.Join(", ", Learn.FarthestFeatures(X, 2)));
        Check.Equal("0, 1", string.Join(", ", Learn.CurFeatures(X, 2)));
        Check.Equal(2, Learn.CurSamples(X, 2).Length);
    }

    private static void Refuses()
    {
        var refusal = Check.Throws<ArgumentException>(() => Learn.Ridge(X, Learn.Column(Y), -1));
        Check.Equal("regularization = -1 cannot be used; accepted: a finite number from 0", refusal.Message);
        var model = Learn.Ridge(X, Learn.Column(Y), 0);
        Check.Throws<ArgumentException>(() => model.Predict(Learn.Column(Y)));
        Check.Throws<ArgumentException>(() => Learn.Rows([1, 2, 3], 2));
    }

    private static double[] Flat(double[,] values) => [.. values.Cast<double>()];
}
