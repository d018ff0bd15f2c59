using System.Numerics;
using System.Text;

namespace CrmGrains.Simulation.Scheduling;

/// <summary>Draws that a seed decides, on every machine and in every version alike (splitmix64).</summary>
internal sealed class Chance
{
    private readonly ulong _seed;
    private ulong _state;

    public Chance(ulong seed) => _seed = _state = seed;

    /// <summary>Draws of a part of the run, so that what one part does more or less of doesn't change another's.</summary>
    public Chance Of(string part) => new(Mix(_seed ^ Hash(part)));

    /// <summary>From 0 to one below.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>Both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>Whether something of this likelihood happens.</summary>
    public bool Is(double likelihood) => (Next() >> 11) * (1.0 / (1UL << 53)) < likelihood;

    /// <summary>One of them.</summary>
    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    /// <summary>A duration, to the microsecond.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) =>
        least + TimeSpan.FromMicroseconds(Below((int)(most - least).TotalMicroseconds + 1));

    /// <summary>An id.</summary>
    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        return new Guid(bytes);
    }

    /// <summary>FNV-1a: the same in every process, which a string's own hash isn't.</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 1099511628211UL;
        return Mix(hash);
    }

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15UL);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ BitOperations.RotateRight(value, 31);
    }
}
