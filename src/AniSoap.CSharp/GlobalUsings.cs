global using System.Collections.Immutable;
global using AniSoap.Analysis;
global using AniSoap.Formats;
global using Microsoft.FSharp.Collections;
global using Microsoft.FSharp.Core;
