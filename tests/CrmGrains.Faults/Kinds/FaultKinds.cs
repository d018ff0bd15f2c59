namespace CrmGrains.Faults.Kinds;

/// <summary>All kinds of faults, by name.</summary>
internal static class FaultKinds
{
    public static IReadOnlyList<Fault> All { get; } = 
    [
        new KillSilo(), new FreezeSilo(), new TerminateBackends(), new RestartPostgres(), new StopPostgres(), new FillDisk(),
        new FailFlushes(), new ExhaustConnections(), new SetClock(),
        new SlowLink(), new CutLink(), new ResetLink(), new SilentLink(),
    ];

    /// <summary>Reads a list of names; null where one is unknown.</summary>
    public static IReadOnlyList<Fault>? Parse(string names)
    {
        var chosen = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => All.FirstOrDefault(kind => kind.Name == name)).ToList();
        return chosen.Count > 0 && chosen.All(kind => kind is not null) ? [.. chosen.OfType<Fault>()] : null;
    }
}
