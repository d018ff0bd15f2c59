namespace CrmGrains.Core.Configuration;

/// <summary>
/// How long what was kept stays, by class. What is still needed stays longer: whatever an open review, a dead letter, a command or a message
/// speaks of. Ids, hashes and keys stay for ever, so that a repeat is still known for one.
/// </summary>
public sealed record RetentionConfiguration
{
    /// <summary>Bodies and headers of deliveries.</summary>
    public TimeSpan Raw { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Bodies and headers of deliveries that the source's configuration drops.</summary>
    public TimeSpan Dropped { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Normalized events.</summary>
    public TimeSpan Event { get; init; } = TimeSpan.FromDays(2 * 365);

    /// <summary>The details of ledger entries, and what people were asked: what was decided on which values. The entries and answers themselves stay.</summary>
    public TimeSpan Details { get; init; } = TimeSpan.FromDays(2 * 365);

    /// <summary>Calls to CRMs: what was asked and answered.</summary>
    public TimeSpan Calls { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What ended commands wanted to write. That they were asked for, and how they ended, stays.</summary>
    public TimeSpan Commands { get; init; } = TimeSpan.FromDays(365);
}
