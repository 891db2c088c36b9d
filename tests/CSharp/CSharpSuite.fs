/// The tests that are written in C#, as part of the same run.
module AniSoap.Tests.CSharpSuite

open Expecto

[<Tests>]
let all = AniSoap.CSharp.Tests.CSharpTests.All
