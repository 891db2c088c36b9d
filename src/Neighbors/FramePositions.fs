namespace AniSoap

/// The positions of a frame's particles as kernels take them.
module internal FramePositions =
    /// x, y, z of one particle after another, multiplied by `scale`.
    let fill (scale: float) (frame: Frame) (target: float[]) =
        AniSoap.Numerics.FullOptimization.ask ()
        let positions = frame.Particles.Positions

        for i in 0 .. positions.Length - 1 do
            target[i] <- scale * positions[i]
