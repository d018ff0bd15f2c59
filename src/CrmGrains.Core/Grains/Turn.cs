using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;

namespace CrmGrains.Core.Grains;

/// <summary>One grain handling one message: its new state, why, and what it asks for.</summary>
public sealed record Turn<TState>(TState State, Decision Decision, IReadOnlyList<Effect> Effects);

/// <summary>All that a turn may know beside its state and its message.</summary>
/// <param name="Grain">Whose turn it is.</param>
/// <param name="EventId">The event at the beginning of the chain that led here; null where none did.</param>
/// <param name="Now">UTC, by the database's clock.</param>
/// <param name="Workspace">The configuration in force; its hash is in the ledger entry.</param>
public sealed record TurnContext(GrainId Grain, Guid? EventId, DateTimeOffset Now, WorkspaceConfiguration Workspace)
{
    /// <summary>The kinds of actions that people have signed to go without a person in this workspace; what it allowed is in the ledger entry.</summary>
    public IReadOnlyCollection<string> Granted { get; init; } = [];
}
