using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Retention;

/// <summary>One class of what is kept for a while: how long, and the statement that purges a batch of it.</summary>
/// <param name="Name">As workspace files and metrics name it.</param>
/// <param name="Sql">Answers with how many rows were purged, how many were looked at, and how old the oldest is that is left.</param>
/// <param name="Stays">How long a workspace keeps it.</param>
/// <param name="HasChains">Whether each of the ledger's chains is a part of its own.</param>
internal sealed record RetentionClass(string Name, string Sql, Func<RetentionConfiguration, TimeSpan> Stays, bool HasChains = false)
{
    /// <summary>All there are, those with the shortest stay first.</summary>
    public static IReadOnlyList<RetentionClass> All { get; } =
    [
        new("dropped", RetentionSql.Dropped, retention => retention.Dropped),
        new("calls", RetentionSql.Calls, retention => retention.Calls),
        new("raw", RetentionSql.Raw, retention => retention.Raw),
        new("commands", RetentionSql.Commands, retention => retention.Commands),
        new("event", RetentionSql.Event, retention => retention.Event),
        new("reviews", RetentionSql.Reviews, retention => retention.Details),
        new("details", RetentionSql.Details, retention => retention.Details, HasChains: true),
    ];
}
