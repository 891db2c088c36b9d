namespace AniSoap.Plotting

open AniSoap.Plotting.FigureValues

/// Colours that stay apart in print and for colour-blind eyes.
module internal Palette =
    /// P. Tol's "bright" scheme (personal.sron.nl/~pault, technical note SRON/EPS/TN/09-002), the greys left out.
    let private bright = [| "#4477aa"; "#ee6677"; "#228833"; "#ccbb44"; "#66ccee"; "#aa3377" |]

    /// The colour of the k-th group; they repeat after six.
    let group k = bright[k % bright.Length]

    /// Viridis (S. van der Walt and N. Smith, matplotlib) at nine places, without the palest end: a line must be seen on white.
    let private viridis = [|
        68, 1, 84
        71, 39, 119
        62, 73, 137
        48, 103, 141
        37, 130, 142
        30, 157, 136
        53, 183, 120
        109, 206, 88
        180, 222, 44
    |]

    /// The colour of the k-th of `count` things that have an order.
    let ordered (k: int) (count: int) =
        let at = float (viridis.Length - 1) * float k / float (max 1 (count - 1))
        let low = min (viridis.Length - 2) (int at)
        let share = at - float low
        let (r0, g0, b0), (r1, g1, b1) = viridis[low], viridis[low + 1]
        let mix a b = (int (round (float a + share * float (b - a)))).ToString "x2"
        "#" + mix r0 r1 + mix g0 g1 + mix b0 b1

    /// What has no value.
    [<Literal>]
    let NoValue = "#bbbbbb"

    /// Numbers from low to high: lightness rises evenly.
    [<Literal>]
    let Sequential = "Viridis"

    /// Numbers around zero, blue below, red above, white in the middle.
    let diverging =
        [ 0.0, "#2c4f8c"; 0.25, "#7ba3cf"; 0.5, "#ffffff"; 0.75, "#e88b7d"; 1.0, "#a3262a" ]
        |> Seq.map (fun (at, colour) -> Items [ Number at; Text colour ])
        |> Items

    /// Angles to a director from 0 to 90 degrees: blue along it, red across, palest at the angle where P₂(cos θ) is zero.
    let angle =
        let magic = acos (1.0 / sqrt 3.0) / (0.5 * System.Math.PI)

        [
            0.0, "#2f5597"
            0.5 * magic, "#7ba3cf"
            magic, "#f5ead2"
            0.5 * (1.0 + magic), "#e88b7d"
            1.0, "#a3262a"
        ]
        |> Seq.map (fun (at, colour) -> Items [ Number at; Text colour ])
        |> Items
