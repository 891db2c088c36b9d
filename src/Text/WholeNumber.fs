namespace AniSoap

open System
open System.Globalization

/// Whole numbers in texts, as files and people write them: digits with a sign before them or none, whatever the culture.
module internal WholeNumber =
    /// Whether the text is such a number of eight bytes, and which.
    let tryLong (text: string) = Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)

    /// Whether the text is such a number of four bytes, and which.
    let tryInt (text: string) = Int32.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
