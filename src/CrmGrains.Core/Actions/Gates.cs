using System.Text.Json.Serialization;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Actions;

/// <summary>One question that an action has to pass, and its answer.</summary>
/// <param name="Name">One of those of DESIGN, section 4, for example <c>matched_confidently</c>.</param>
/// <param name="Passes">Whether the action may go on without a person, as far as this gate is concerned.</param>
/// <param name="Why">What was seen, in few words without personal data.</param>
public sealed record GateTrace(string Name, bool Passes, string Why);

/// <summary>What becomes of an action.</summary>
[JsonConverter(typeof(VerdictJson))]
public enum Verdict
{
    /// <summary>It is done.</summary>
    Execute,

    /// <summary>A person is asked.</summary>
    Review,

    /// <summary>It becomes a task for a person.</summary>
    Task,

    /// <summary>Nothing is done: it was done before, or it isn't allowed.</summary>
    Skip,
}

/// <summary>Writes the names of <see cref="Verdict"/>.</summary>
public sealed class VerdictJson() : JsonStringEnumConverter<Verdict>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower);

/// <summary>What the gates have to know of an action.</summary>
/// <param name="Type">What would be done.</param>
/// <param name="Policy">What the business says of it.</param>
/// <param name="Match">How the event was matched to its customer; null where no event is behind it, and then the customer is certain.</param>
public sealed record GateQuestion(ActionType Type, RiskPolicy Policy, IdentityMatch? Match)
{
    /// <summary>Whether the rule that asks for the action says that it goes without a person.</summary>
    public bool IsAutomatic { get; init; }

    /// <summary>Whether a person has signed that this kind of action goes without one.</summary>
    public bool IsGranted { get; init; }

    /// <summary>Whether it was asked for, done or refused before.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Why it can't be done as things are, for example that consent is missing; null where it can.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Why a person has to look at it whatever its tier, for example that its text has a gap; null where nobody has to.</summary>
    public string? Doubt { get; init; }

    /// <summary>A tier that somebody wants at least, such as advice; it can't make the action's own lower.</summary>
    public RiskTier? AtLeast { get; init; }
}

/// <summary>The gates of DESIGN, section 4: each answers, each answer is kept, and together they say what becomes of an action.</summary>
public static class Gates
{
    // Answers that say the same each time; a turn may have a dozen actions.
    private static readonly GateTrace OwnWish = new("trusted", true, "asked for by the system itself");
    private static readonly GateTrace Signed = new("trusted", true, "its signature was verified");
    private static readonly GateTrace FirstTime = new("not_processed_before", true, "the first time");
    private static readonly GateTrace AskedBefore = new("not_processed_before", false, "asked for before");
    private static readonly GateTrace Reversible = new("reversible", true, "what was there before is kept");
    private static readonly GateTrace Irreversible = new("reversible", false, "one tier riskier");
    private static readonly GateTrace Logged = new("logged", true, "in the ledger");

    /// <summary>Asks all gates.</summary>
    /// <returns>What becomes of the action, the tier that counted, and every answer.</returns>
    public static (Verdict Verdict, RiskTier Tier, IReadOnlyList<GateTrace> Gates) Ask(GateQuestion question)
    {
        var policy = question.Policy.Of(question.Type.Name);
        var tier = Max(Max(question.Type.EffectiveTier, policy.AtLeast), question.AtLeast);
        var isConfident = question.Match is null || question.Match.Confidence >= question.Policy.MinConfidence;
        var isAllowed = policy.Mode != ActionMode.Never && question.Obstacle is null;
        var isWaived = question.Doubt is null && tier < RiskTier.Critical && policy.Mode != ActionMode.Review && tier switch
        {
            RiskTier.Low => true,
            RiskTier.Medium => question.IsAutomatic || question.IsGranted || policy.Mode == ActionMode.Automatic,
            _ => question.IsGranted || policy.Mode == ActionMode.Automatic,
        };
        IReadOnlyList<GateTrace> gates =
        [
            question.Match is null ? OwnWish : Signed,
            new("matched_confidently", isConfident, question.Match is { } match ? $"{match.By}: {match.Confidence:0.##}" : "known"),
            new("allowed", isAllowed, question.Obstacle ?? (policy.Mode == ActionMode.Never ? "the risk policy says never" : "by the risk policy")),
            new("low_risk", tier == RiskTier.Low, tier.Name()),
            new("approval_not_needed", isWaived, WhyApproval(question, policy, tier)),
            question.IsRepeat ? AskedBefore : FirstTime,
            question.Type.IsReversible ? Reversible : Irreversible,
            Logged,
        ];

        var verdict = question.IsRepeat || !isAllowed ? Verdict.Skip
            : tier == RiskTier.Critical ? Verdict.Task
            : isWaived && (isConfident || tier == RiskTier.Low) ? Verdict.Execute
            : Verdict.Review;
        return (verdict, tier, gates);
    }

    private static RiskTier Max(RiskTier tier, RiskTier? other) => other > tier ? other.Value : tier;

    private static string WhyApproval(GateQuestion question, ActionPolicy policy, RiskTier tier) => tier switch
    {
        RiskTier.Critical => "critical: a person does it",
        _ when question.Doubt is { } doubt => doubt,
        _ when policy.Mode == ActionMode.Review => "the risk policy asks a person always",
        RiskTier.Low => "low risk",
        _ when policy.Mode == ActionMode.Automatic => "the risk policy waives it",
        _ when question.IsGranted => "autonomy was granted for this kind of action",
        RiskTier.Medium when question.IsAutomatic => "the rule says so",
        _ => $"{tier.Name()} risk",
    };
}
