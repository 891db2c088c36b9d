namespace AniSoap.CSharp;

/// <summary>Cells, particles and frames: <c>Frame.Create([Ellipsoid.Sphere(1, new(0, 0, 0), 0.5)], Cell.Box(4, 4, 4))</c>.</summary>
public static class FrameExtensions
{
    extension(Cell)
    {
        /// <inheritdoc cref="CellModule.create"/>
        /// <param name="a">The first vector; it may be zero along an axis that does not repeat, as the others.</param>
        /// <param name="b">The second vector.</param>
        /// <param name="c">The third vector.</param>
        /// <param name="periodicity">Along which of them the cell repeats; along all unless given.</param>
        /// <exception cref="InvalidValueException">A number is not finite, a vector that repeats is zero, or the vectors span no volume.</exception>
        public static Cell Create(Vector3 a, Vector3 b, Vector3 c, Periodicity? periodicity = null) =>
            CellModule.create(a, b, c, periodicity ?? new(true, true, true)).OrThrow();

        /// <summary>A box that repeats along all three axes, with its edges along x, y and z.</summary>
        /// <exception cref="InvalidValueException">An edge is zero or not finite.</exception>
        public static Cell Box(double x, double y, double z) => Cell.Create(new(x, 0, 0), new(0, y, 0), new(0, 0, z));
    }

    extension(Quaternion)
    {
        /// <inheritdoc cref="QuaternionModule.ofAxisAngle"/>
        /// <exception cref="InvalidValueException">The axis is zero, or a number is not finite.</exception>
        public static Quaternion FromAxisAngle(Vector3 axis, double angle) =>
            QuaternionModule.ofAxisAngle(axis, angle).OrThrow();
    }

    extension(Ellipsoid)
    {
        /// <summary>An ellipsoid. Its density is the normalised Gaussian whose standard deviations along the body's axes are the semi-axes.</summary>
        /// <param name="species">The species' number, for example the atomic number.</param>
        /// <param name="position">The centre, in the length unit of your choice.</param>
        /// <param name="orientation">Turns body coordinates into lab coordinates; normalised if it is not.</param>
        /// <param name="semiAxes">The semi-axes (half the diameters) along the body's x, y and z, all positive.</param>
        /// <exception cref="InvalidValueException">A number is not finite, a semi-axis is not positive, or the quaternion is zero.</exception>
        public static Ellipsoid Create(int species, Vector3 position, Quaternion orientation, Vector3 semiAxes) =>
            EllipsoidModule.create(species, position, orientation, semiAxes).OrThrow();

        /// <inheritdoc cref="EllipsoidModule.sphere"/>
        /// <exception cref="InvalidValueException">A number is not finite, or the radius is not positive.</exception>
        public static Ellipsoid Sphere(int species, Vector3 position, double radius) =>
            EllipsoidModule.sphere(species, position, radius).OrThrow();
    }

    extension(Frame frame)
    {
        /// <summary>A frame of particles, in their order. It may be empty; without a cell nothing repeats.</summary>
        public static Frame Create(IEnumerable<Ellipsoid> particles, Cell? cell = null)
        {
            ArgumentNullException.ThrowIfNull(particles);
            return FrameModule.create(cell ?? Cell.None, particles);
        }

        /// <inheritdoc cref="FrameModule.species"/>
        public ImmutableArray<int> Species => [.. FrameModule.species(frame)];
    }

    extension(FrameSelection)
    {
        /// <inheritdoc cref="FrameSelectionModule.parse"/>
        /// <exception cref="InvalidValueException">The text says something else.</exception>
        public static FrameSelection Parse(string text) => FrameSelectionModule.parse(text).OrThrow();
    }
}
