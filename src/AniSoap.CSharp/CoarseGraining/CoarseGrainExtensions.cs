namespace AniSoap.CSharp;

/// <summary>Atoms into ellipsoids: <c>new CoarseGrainRun(CoarseGrainOptions.Defaults.With(minAxis: 0.4), new(false, false)).AddAll(atoms)</c>.</summary>
public static class CoarseGrainExtensions
{
    extension(CoarseGrainOptions options)
    {
        /// <inheritdoc cref="CoarseGrainOptionsModule.defaults"/>
        public static CoarseGrainOptions Defaults => CoarseGrainOptionsModule.defaults;

        /// <summary>The same options but for those that are named here; what each means stands at the property of its name.</summary>
        /// <exception cref="InvalidValueException">An option cannot work, or not with the others.</exception>
        public CoarseGrainOptions With(
            MoleculeSource? molecules = null,
            double? bondFactor = null,
            IEnumerable<GroupDefinition>? groups = null,
            IEnumerable<KeyValuePair<string, string>>? elements = null,
            IEnumerable<KeyValuePair<string, double>>? masses = null,
            IEnumerable<string>? keep = null,
            BodyCentre? centre = null,
            BodyShape? shape = null,
            double? minAxis = null,
            bool? addRadius = null,
            ShapeOrigin? shapeFrom = null,
            OrientationAxes? axes = null,
            bool? uniaxial = null,
            int? threads = null
        )
        {
            CoarseGrainOptions changed = new(
                molecules ?? options.Molecules,
                bondFactor ?? options.BondFactor,
                groups is null ? options.Groups : ListModule.OfSeq(groups),
                elements?.ToMap() ?? options.Elements,
                masses?.ToMap() ?? options.Masses,
                keep is null ? options.Keep : new(keep),
                centre ?? options.Centre,
                shape ?? options.Shape,
                minAxis.ToOption() ?? options.MinAxis,
                addRadius ?? options.AddRadius,
                shapeFrom ?? options.ShapeFrom,
                axes.ToOption() ?? options.Axes,
                uniaxial ?? options.Uniaxial,
                threads ?? options.Threads
            );
            CoarseGrainOptionsModule.check(changed).OrThrow();
            return changed;
        }
    }

    extension(GroupDefinition)
    {
        /// <summary>A group of atoms that becomes an ellipsoid.</summary>
        /// <param name="name">What messages and the output call it.</param>
        /// <param name="atoms">The atoms, from 0, of the frame or, with a formula, of each such molecule; none: the whole molecule.</param>
        /// <param name="formula">The molecules that the group is of: <c>C6H6</c>.</param>
        /// <param name="species">The species of its ellipsoids; by default numbers are given in the order of appearance.</param>
        public static GroupDefinition Create(
            string name,
            IEnumerable<int>? atoms = null,
            string? formula = null,
            int? species = null
        ) => new(name, species.ToOption(), formula.ToOption(), ListModule.OfSeq(atoms ?? []));
    }

    extension(CoarseGrainRun run)
    {
        /// <summary>
        /// The molecules of frames of atoms and what is written of them, one frame after another as they are asked for. Where the shape is that of the
        /// average molecule, the frames are gone through twice.
        /// </summary>
        /// <param name="atoms">The frames, as <see cref="FrameFile.ReadSnapshots"/> gives them.</param>
        /// <param name="cancellationToken">Stops it.</param>
        /// <exception cref="AniSoapException">An option or a frame cannot be used; the exception names the frame.</exception>
        /// <exception cref="OperationCanceledException">It was cancelled.</exception>
        public IEnumerable<(CoarseFrame Molecules, Snapshot Ellipsoids)> AddAll(
            IEnumerable<Snapshot> atoms,
            CancellationToken cancellationToken = default
        )
        {
            ArgumentNullException.ThrowIfNull(atoms);
            return Results();

            IEnumerable<(CoarseFrame, Snapshot)> Results()
            {
                if (run.NeedsLearning)
                {
                    foreach (var _ in Each(run.Learn)) { }
                    run.EndLearning();
                }
                foreach (var frame in Each(run.Add))
                    yield return frame;
            }

            IEnumerable<T> Each<T>(Func<Snapshot, FSharpResult<T, AniSoapError>> add) =>
                atoms.Select(
                    (frame, number) =>
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        Place place = new(null, null, FSharpOption<int>.Some(number), null);
                        return add(frame).OrThrow(error => AniSoapErrorModule.at(place, error));
                    }
                );
        }
    }
}
