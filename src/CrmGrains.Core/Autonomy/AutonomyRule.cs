using System.Globalization;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Core.Autonomy;

/// <summary>What people said to proposals of one kind of action, and how it went where nobody was asked.</summary>
/// <param name="Action">One of <see cref="ActionType.All"/>, by name.</param>
/// <param name="Decided">Answers in the window; approvals only once they are old enough to tell whether what was approved was undone.</param>
/// <param name="Accepted">Those of them that approved it unchanged, and it wasn't undone within two weeks.</param>
public sealed record ActionTally(string Action, int Decided, int Accepted)
{
    /// <summary>Answers since it was granted.</summary>
    public int DecidedSince { get; init; }

    /// <summary>Those of them that approved it unchanged.</summary>
    public int AcceptedSince { get; init; }

    /// <summary>How many that nobody was asked about were undone since it was granted.</summary>
    public int Undone { get; init; }

    /// <summary>How many that nobody was asked about failed or were refused in the last day, since it was granted.</summary>
    public int Failed { get; init; }

    /// <summary>How sure it is that people accept it; from 0 to 1.</summary>
    public double LowerBound => Wilson.LowerBound(Accepted, Decided);
}

/// <summary>What is done about a kind of action's autonomy.</summary>
public enum AutonomyStep
{
    /// <summary>It stays as it is.</summary>
    None,

    /// <summary>A person is asked to sign that it goes without one.</summary>
    Propose,

    /// <summary>It ends at once.</summary>
    Demote,
}

/// <summary>When autonomy is proposed, and when it ends. Pure.</summary>
public static class AutonomyRule
{
    // Fewer answers, or failures, are no spike.
    private const int FewestOverrides = 5;
    private const int FewestFailures = 3;

    /// <summary>Judges one kind of action.</summary>
    /// <returns>What to do, and why in one sentence.</returns>
    public static (AutonomyStep Step, string Why) Judge(ActionType type, RiskPolicy policy, ActionTally tally, bool isGranted) =>
        isGranted ? Granted(type, policy.Autonomy, tally) : Asked(type, policy, tally);

    /// <summary>Whether it can be granted at all.</summary>
    public static bool IsGrantable(ActionType type) => type.EffectiveTier is RiskTier.Medium or RiskTier.High;

    private static (AutonomyStep, string) Granted(ActionType type, AutonomyPolicy policy, ActionTally tally)
    {
        if (!IsGrantable(type))
            return (AutonomyStep.Demote, "Its tier is one for which nothing is granted.");
        if (tally.Undone > 0)
            return (AutonomyStep.Demote, Text($"{tally.Undone} that nobody was asked about were undone."));
        if (tally.Failed >= FewestFailures)
            return (AutonomyStep.Demote, Text($"{tally.Failed} that nobody was asked about failed or were refused within a day."));
        return tally.DecidedSince >= FewestOverrides && tally.AcceptedSince < policy.DemoteBelow * tally.DecidedSince
            ? (AutonomyStep.Demote, Text($"People changed or rejected {tally.DecidedSince - tally.AcceptedSince} of the last {tally.DecidedSince}."))
            : (AutonomyStep.None, "");
    }

    private static (AutonomyStep, string) Asked(ActionType type, RiskPolicy policy, ActionTally tally)
    {
        var wanted = policy.Autonomy;
        if (!IsGrantable(type) || policy.Of(type.Name).Mode != ActionMode.ByTier || policy.Of(type.Name).AtLeast == RiskTier.Critical)
            return (AutonomyStep.None, "");
        return tally.Decided >= wanted.MinDecisions && tally.LowerBound >= wanted.MinLowerBound
            ? (AutonomyStep.Propose, Text($"{tally.Accepted} of {tally.Decided} were accepted as proposed and not undone: with 95 % confidence at least {tally.LowerBound:P1}."))
            : (AutonomyStep.None, "");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
