using System.Globalization;

namespace CrmGrains.Simulation.Scheduling;

/// <summary>What happened, step by step: the last lines for people, and a fingerprint of all of it.</summary>
internal sealed class Trace(int kept)
{
    private readonly Queue<string> _lines = new();

    /// <summary>Of all lines so far; two runs of one seed have the same.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>The latest lines, oldest first.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Notes a step.</summary>
    public void Add(long step, TimeSpan at, string who, string what)
    {
        Fingerprint = (Fingerprint * 1099511628211UL) ^ Chance.Hash(what) ^ Chance.Hash(who) ^ (ulong)step;
        if (kept == 0)
            return;
        if (_lines.Count == kept)
            _lines.Dequeue();
        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{step,7} {at.TotalSeconds,9:F4} {who,-10} {what}"));
    }
}
