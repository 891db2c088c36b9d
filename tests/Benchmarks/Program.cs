using AniSoap.Benchmarks.Runs;
using AniSoap.Benchmarks.Suites;
using AniSoap.Benchmarks.Tables;

// --tables [NAME …]: the tables of docs/performance.md. --short: everything once, tiny. Anything else is BenchmarkDotNet's.
switch (args)
{
    case ["--tables", .. var names]:
        return AllTables.Print(new Effort(IsShort: false), names) ? 0 : 1;
    case ["--short"]:
        Sizes.IsShort = true;
        return AllTables.Print(new Effort(IsShort: true), []) && AllSuites.Run([]) ? 0 : 1;
    default:
        return AllSuites.Run(args) ? 0 : 1;
}
