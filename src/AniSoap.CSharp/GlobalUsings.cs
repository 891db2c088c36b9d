global using AniSoap.Formats;
global using System.Collections.Immutable;
global using Microsoft.FSharp.Collections;
global using Microsoft.FSharp.Core;
