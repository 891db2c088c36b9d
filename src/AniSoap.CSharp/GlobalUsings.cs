global using System.Collections;
global using System.Collections.Immutable;
global using Microsoft.FSharp.Collections;
global using Microsoft.FSharp.Core;
// The F# library, whose types mostly have the same names.
global using Core = AniSoap;
