using AniSoap.Benchmarks.Runs;
using AniSoap.Benchmarks.Tables;

// --tables [NAME …]: the tables of docs/performance.md. --short: everything once, tiny. Anything else goes to BenchmarkDotNet.
return args switch
{
    ["--tables", .. var names] => AllTables.Print(new Effort(IsShort: false), names) ? 0 : 1,
    ["--short"] => AllTables.Print(new Effort(IsShort: true), []) ? 0 : 1,
    _ => 2,
};
