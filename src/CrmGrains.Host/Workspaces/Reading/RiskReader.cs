using CrmGrains.Core.Actions;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>risk</c>: what the system may do by itself.</summary>
internal static class RiskReader
{
    private static readonly Dictionary<string, ActionMode> Modes = new()
    {
        ["by_tier"] = ActionMode.ByTier, ["review"] = ActionMode.Review, ["automatic"] = ActionMode.Automatic, ["never"] = ActionMode.Never,
    };

    private static readonly IReadOnlyList<string> Tiers = [.. Enum.GetValues<RiskTier>().Select(tier => tier.Name())];

    public static RiskPolicy Read(Value? value)
    {
        if (value is null)
            return new RiskPolicy();
        var risk = value.Section([], ["min_confidence", "actions", "autonomy"]);
        var policy = new RiskPolicy
        {
            Actions = risk["actions"] is { } actions ? Actions(actions) : new Dictionary<string, ActionPolicy>(),
            Autonomy = AutonomyReader.Read(risk["autonomy"]),
        };
        return risk["min_confidence"] is { } confidence ? policy with { MinConfidence = Confidence(confidence) } : policy;
    }

    private static double Confidence(Value value) => value.Number() is not { } number ? 1
        : number is >= 0 and <= 1 ? (double)number
        : value.Wrong<double>("must be a number from 0 to 1: how sure the match of the customer must be");

    private static Dictionary<string, ActionPolicy> Actions(Value value)
    {
        var policies = new Dictionary<string, ActionPolicy>();
        var section = value.Section([], [.. ActionType.All.Select(type => type.Name)]);
        foreach (var type in ActionType.All)
        {
            if (section[type.Name] is { } action)
                policies[type.Name] = Policy(type, action);
        }

        return policies;
    }

    private static ActionPolicy Policy(ActionType type, Value value)
    {
        var section = value.Section([], ["mode", "at_least", "four_eyes", "expires_after", "due_in"]);
        var policy = new ActionPolicy
        {
            Mode = section["mode"]?.OneOf([.. Modes.Keys], "the mode") is { } mode ? Modes[mode] : ActionMode.ByTier,
            AtLeast = section["at_least"]?.OneOf(Tiers, "the tier") is { } tier ? Enum.GetValues<RiskTier>()[Tiers.ToList().IndexOf(tier)] : null,
            FourEyes = section["four_eyes"]?.Flag() ?? false,
        };
        if (type.Tier == RiskTier.Critical)
        {
            // Everything but that it isn't allowed at all would look as if it did something.
            foreach (var key in (string[])["at_least", "four_eyes", "expires_after", "due_in"])
                section[key]?.Fault($"`{type.Name}` is critical: it becomes a task for a person, whatever is said here. Take it out.");
            if (policy.Mode is ActionMode.Automatic or ActionMode.Review)
                section["mode"]?.Fault($"`{type.Name}` is critical: the system never does it, it becomes a task for a person. Only `never` and `by_tier` make sense.");
        }
        else if (policy.Mode == ActionMode.Automatic && policy.AtLeast == RiskTier.Critical)
        {
            section["mode"]?.Fault("What is critical can't be automatic. Take out one of `mode` and `at_least`.");
        }

        if (policy.AtLeast <= type.EffectiveTier && type.Tier != RiskTier.Critical)
            section["at_least"]?.Fault($"The tier of `{type.Name}` is `{type.EffectiveTier.Name()}` already, and can't be made lower. Take it out, or name a higher one.");
        policy = policy with
        {
            ExpiresAfter = section["expires_after"]?.Duration(TimeSpan.FromMinutes(5), TimeSpan.FromDays(90)) ?? policy.ExpiresAfter,
            DueIn = section["due_in"]?.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(90)) ?? policy.DueIn,
        };
        if (policy.DueIn > policy.ExpiresAfter)
            (section["due_in"] ?? section["expires_after"])?.Fault("It lapses before it is due. Make `expires_after` longer or `due_in` shorter.");
        return policy;
    }
}
