namespace CrmGrains.Intake.Drift;

/// <summary>The kinds of changes, as they are stored.</summary>
internal static class DriftKind
{
    /// <summary>A path that was always there is absent or null.</summary>
    public const string Missing = "missing";

    /// <summary>A path has a type that it never had.</summary>
    public const string Retyped = "retyped";

    /// <summary>A mapped field that held a few choices holds another one.</summary>
    public const string NewValue = "new_value";
}

/// <summary>One way in which a payload differs from what is usual.</summary>
/// <param name="Path">Where.</param>
/// <param name="Kind">One of <see cref="DriftKind"/>.</param>
/// <param name="Seen">A type, a word, or that it was absent.</param>
/// <param name="Usual">What was there before, for a person.</param>
/// <param name="IsBreaking">Whether the map would lose something by it.</param>
internal sealed record DriftChange(string Path, string Kind, string Seen, string Usual, bool IsBreaking)
{
    /// <summary>As reviews and held deliveries name it.</summary>
    public string Name => $"{Path}/{Kind}";
}
