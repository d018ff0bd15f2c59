namespace CrmGrains.Faults.Checks;

/// <summary>What checking a run came to.</summary>
internal sealed record Found(int Acknowledged, int Lost, int Doubled, int Overlaps, int Reordered, IReadOnlyList<string> Violations);
