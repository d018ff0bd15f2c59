using System.Diagnostics;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Autonomy;

/// <summary>What people have signed to go without them in one workspace.</summary>
public sealed record PolicyState
{
    /// <summary>By <see cref="ActionType.Name"/>, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, Grant> Granted { get; init; } = new Dictionary<string, Grant>();

    /// <summary>What went without a person and needs one again: since when, by action. It isn't proposed anew for a while. Null: nothing.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? Ended { get; init; }
}

/// <summary>That a kind of action goes without a person.</summary>
/// <param name="By">Who signed it.</param>
/// <param name="At">UTC; when.</param>
/// <param name="Decided">The answers that it rests on.</param>
/// <param name="Accepted">Those of them that accepted the proposal.</param>
public sealed record Grant(string By, DateTimeOffset At, int Decided, int Accepted);

/// <summary>
/// The grain <c>workspace/policy</c> of each workspace: every grant and every end of one is a turn of its own, so the ledger has them all and
/// the state is what counts.
/// </summary>
public static class PolicyGrain
{
    /// <summary>The grain's key.</summary>
    public const string Key = "policy";

    /// <summary>The grain of a workspace.</summary>
    public static GrainId Of(string workspace) => GrainId.Of(workspace, GrainKind.Workspace, Key);

    /// <summary>One turn.</summary>
    public static Turn<PolicyState> Handle(PolicyState state, Message message, TurnContext context) => message switch
    {
        Message.AutonomyGranted m => Granted(state, m, context),
        Message.AutonomyRevoked m => Revoked(state, m, context),
        _ => throw new UnreachableException($"A workspace has no turn for {message.Name}."),
    };

    private static Turn<PolicyState> Granted(PolicyState state, Message.AutonomyGranted message, TurnContext context)
    {
        if (ActionType.Find(message.Action) is not { } type || !AutonomyRule.IsGrantable(type))
            return Nothing(state, "reject", $"{message.Action} is never done without a person, whoever signs it.");
        if (state.Granted.ContainsKey(message.Action))
            return Nothing(state, "record", $"{message.Action} goes without a person already.");
        var granted = new SortedDictionary<string, Grant>(state.Granted.ToDictionary(), StringComparer.Ordinal)
        {
            [message.Action] = new Grant(message.By, context.Now, message.Decided, message.Accepted),
        };
        return new(
            state with { Granted = granted },
            new Decision { Outcome = "update", Reason = $"{message.By} signed that {message.Action} goes without a person from now on." },
            [new Effect.CloseReview(DemotedKey(message.Action), "granted again")]);
    }

    private static Turn<PolicyState> Revoked(PolicyState state, Message.AutonomyRevoked message, TurnContext context)
    {
        if (!state.Granted.ContainsKey(message.Action))
            return Nothing(state, "record", $"{message.Action} doesn't go without a person anyway.");
        var granted = new SortedDictionary<string, Grant>(StringComparer.Ordinal);
        foreach (var (action, grant) in state.Granted.Where(other => other.Key != message.Action))
            granted.Add(action, grant);
        var ended = new SortedDictionary<string, DateTimeOffset>(StringComparer.Ordinal) { [message.Action] = context.Now };
        foreach (var (action, at) in state.Ended ?? new Dictionary<string, DateTimeOffset>())
            ended.TryAdd(action, at);
        return new(
            state with { Granted = granted, Ended = ended },
            new Decision { Outcome = "update", Reason = $"{message.Action} needs a person again: {message.Why}" },
            message.By is not null
                ? []
                : [new Effect.OpenReview(
                    DemotedKey(message.Action), "autonomy_demoted",
                    $"{message.Action} is put before a person again from now on. {message.Why} Look into it; in a month it may be proposed anew.")]);
    }

    private static string DemotedKey(string action) => $"autonomy/{action}/demoted";

    private static Turn<PolicyState> Nothing(PolicyState state, string outcome, string reason) => new(state, new Decision { Outcome = outcome, Reason = reason }, []);
}
