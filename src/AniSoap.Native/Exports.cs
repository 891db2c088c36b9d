using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using AniSoap.Learning;
using Microsoft.FSharp.Core;

namespace AniSoap.Native;

/// <summary>The functions of anisoap.h. No exception crosses the border: it becomes a code and a sentence.</summary>
internal static unsafe class Exports
{
    private const int Version = 1;

    [ThreadStatic]
    private static string? sentence;

    [UnmanagedCallersOnly(EntryPoint = "anisoap_version")]
    private static int GetVersion() => Version;

    [UnmanagedCallersOnly(EntryPoint = "anisoap_last_error")]
    private static int LastError(byte* text, int size)
    {
        var bytes = Encoding.UTF8.GetBytes(sentence ?? "");
        if (text != null && size > 0)
        {
            var count = Math.Min(bytes.Length, size - 1);
            // Not in the middle of a letter.
            while (count > 0 && count < bytes.Length && (bytes[count] & 0xC0) == 0x80)
                count--;
            bytes.AsSpan(0, count).CopyTo(new Span<byte>(text, size));
            text[count] = 0;
        }
        return bytes.Length;
    }

    [UnmanagedCallersOnly(EntryPoint = "anisoap_open_potential")]
    private static int OpenPotential(byte* path, int threads, nint* handle) =>
        Guarded(() =>
        {
            Require(path, "path");
            Require(handle, "handle");
            var potential = Value(PotentialFile.load(Marshal.PtrToStringUTF8((nint)path)!));
            *handle = Handles.Add(new PotentialSession(potential, Value(potential.Engine(threads))));
        });

    [UnmanagedCallersOnly(EntryPoint = "anisoap_open_features")]
    private static int OpenFeatures(byte* path, int* species, int count, int threads, nint* handle) =>
        Guarded(() =>
        {
            Require(path, "path");
            Require(species, "species");
            Require(handle, "handle");
            var hypers = Value(HypersModule.load(Marshal.PtrToStringUTF8((nint)path)!));
            var projection = Value(ProjectionModule.create(hypers, From(species, count, "species_count")));
            *handle = Handles.Add(new FeatureSession(projection, Value(Engine.Create(projection, threads))));
        });

    [UnmanagedCallersOnly(EntryPoint = "anisoap_close")]
    private static int Close(nint handle) => Handles.Remove(handle) ? Codes.Ok : BadHandle();

    [UnmanagedCallersOnly(EntryPoint = "anisoap_cutoff")]
    private static int Cutoff(nint handle, double* cutoff) =>
        With(
            handle,
            session =>
            {
                Require(cutoff, "cutoff");
                *cutoff = session.Cutoff;
            }
        );

    [UnmanagedCallersOnly(EntryPoint = "anisoap_species")]
    private static int Species(nint handle, int* species, int room, int* count) =>
        With(
            handle,
            session =>
            {
                Require(count, "count");
                *count = session.Species.Count;
                for (var i = 0; i < Math.Min(room, session.Species.Count); i++)
                {
                    Require(species, "species");
                    species[i] = session.Species[i];
                }
            }
        );

    [UnmanagedCallersOnly(EntryPoint = "anisoap_length")]
    private static int Length(nint handle, int* length) =>
        With(
            handle,
            session =>
            {
                Require(length, "length");
                *length = Of<FeatureSession>(session).Length;
            }
        );

    [UnmanagedCallersOnly(EntryPoint = "anisoap_takes_pairs")]
    private static int TakesPairs(nint handle, int* takes) =>
        With(
            handle,
            session =>
            {
                Require(takes, "takes");
                *takes = Of<PotentialSession>(session).TakesPairs ? 1 : 0;
            }
        );

    [UnmanagedCallersOnly(EntryPoint = "anisoap_evaluate")]
    private static int Evaluate(
        nint handle,
        int centers,
        int count,
        double* position,
        double* quaternion,
        double* semiaxes,
        int* species,
        long* first,
        int* neighbors,
        double* energy,
        double* centerEnergy,
        double* force,
        double* torque,
        double* virial
    ) =>
        With(
            handle,
            session =>
            {
                var potential = Of<PotentialSession>(session);
                potential.Surroundings.Fill(centers, count, position, quaternion, semiaxes, species, first, neighbors);
                var wanted = centerEnergy == null ? 0 : centers;
                Answer(potential, false, wanted, energy, centerEnergy, force, torque, virial);
            }
        );

    [UnmanagedCallersOnly(EntryPoint = "anisoap_evaluate_pairs")]
    private static int EvaluatePairs(
        nint handle,
        int centers,
        int count,
        double* position,
        double* quaternion,
        double* semiaxes,
        int* species,
        long* first,
        int* neighbors,
        double* energy,
        double* particleEnergy,
        double* force,
        double* torque,
        double* virial
    ) =>
        With(
            handle,
            session =>
            {
                var potential = Of<PotentialSession>(session);
                potential.Surroundings.Fill(centers, count, position, quaternion, semiaxes, species, first, neighbors);
                var wanted = particleEnergy == null ? 0 : count;
                Answer(potential, true, wanted, energy, particleEnergy, force, torque, virial);
            }
        );

    /// <summary>What the potential says, into the caller's memory.</summary>
    private static void Answer(
        PotentialSession potential,
        bool arePairs,
        int wanted,
        double* energy,
        double* energies,
        double* force,
        double* torque,
        double* virial
    )
    {
        var count = potential.Surroundings.Count;
        Require(energy, "energy");
        if (count > 0)
        {
            Require(force, "force");
            Require(torque, "torque");
        }
        potential.Evaluate(arePairs, wanted);
        *energy = potential.Energy;
        potential.Forces.AsSpan(0, 3 * count).CopyTo(new Span<double>(force, 3 * count));
        potential.Torques.AsSpan(0, 3 * count).CopyTo(new Span<double>(torque, 3 * count));
        potential.Centers.AsSpan(0, wanted).CopyTo(new Span<double>(energies, wanted));
        if (virial != null)
            potential.Virial.AsSpan().CopyTo(new Span<double>(virial, 9));
    }

    [UnmanagedCallersOnly(EntryPoint = "anisoap_spectra")]
    private static int Spectra(
        nint handle,
        int centers,
        int count,
        double* position,
        double* quaternion,
        double* semiaxes,
        int* species,
        long* first,
        int* neighbors,
        double* values
    ) =>
        With(
            handle,
            session =>
            {
                var features = Of<FeatureSession>(session);
                features.Surroundings.Fill(centers, count, position, quaternion, semiaxes, species, first, neighbors);
                if (centers > 0)
                    Require(values, "values");
                var found = features.Compute();
                found.CopyTo(new Span<double>(values, found.Length));
            }
        );

    private static int Guarded(Action body)
    {
        try
        {
            body();
            return Codes.Ok;
        }
        catch (RefusedException refused)
        {
            sentence = refused.Message;
            return Codes.Refused;
        }
        catch (Exception fault)
        {
            sentence = fault.GetType().Name + ": " + fault.Message;
            return Codes.Broken;
        }
    }

    private static int With(nint handle, Action<Session> body)
    {
        if (Handles.Find(handle) is not { } session)
            return BadHandle();
        lock (session)
            return Guarded(() => body(session));
    }

    private static int BadHandle()
    {
        sentence = "no such handle: it was closed, or never opened";
        return Codes.BadHandle;
    }

    private static T Of<T>(Session session)
        where T : Session =>
        session as T
        ?? throw new RefusedException(
            typeof(T) == typeof(PotentialSession)
                ? "the handle is of features: anisoap_open_potential opens potentials"
                : "the handle is of a potential: anisoap_open_features opens features"
        );

    internal static void Require(void* pointer, string name)
    {
        if (pointer == null)
            throw new RefusedException($"{name} is NULL");
    }

    internal static int[] From(int* numbers, int count, string name) =>
        count >= 0
            ? new ReadOnlySpan<int>(numbers, count).ToArray()
            : throw new RefusedException($"{name} = {count} cannot be used; accepted: a whole number from 0");

    internal static T Value<T>(FSharpResult<T, AniSoapError> result) =>
        result.IsOk ? result.ResultValue : throw new RefusedException(AniSoapErrorModule.describe(result.ErrorValue));
}
