using CrmGrains.Core.Actions;

namespace CrmGrains.Core.Configuration;

/// <summary>What the business lets the system do by itself. It can make an action's tier higher and never lower.</summary>
public sealed record RiskPolicy
{
    /// <summary>How sure the match of the customer must be, from 0 to 1, for anything beyond a low risk to go without a person.</summary>
    public double MinConfidence { get; init; } = 0.8;

    /// <summary>By <see cref="ActionType.Name"/>; what isn't here is as its tier says.</summary>
    public IReadOnlyDictionary<string, ActionPolicy> Actions { get; init; } = new Dictionary<string, ActionPolicy>();

    /// <summary>When kinds of actions may go without a person.</summary>
    public AutonomyPolicy Autonomy { get; init; } = new();

    /// <summary>What holds for a kind of action.</summary>
    public ActionPolicy Of(string action) => Actions.GetValueOrDefault(action) ?? ActionPolicy.Default;
}

/// <summary>What the business says of one kind of action.</summary>
public sealed record ActionPolicy
{
    internal static ActionPolicy Default { get; } = new();

    /// <summary>Who has to agree.</summary>
    public ActionMode Mode { get; init; } = ActionMode.ByTier;

    /// <summary>A tier that is higher than the action's own; null: its own.</summary>
    public RiskTier? AtLeast { get; init; }

    /// <summary>Whether two different people must approve.</summary>
    public bool FourEyes { get; init; }

    /// <summary>How long a proposal waits for an answer before it lapses.</summary>
    public TimeSpan ExpiresAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a person has to answer before the item is overdue.</summary>
    public TimeSpan DueIn { get; init; } = TimeSpan.FromDays(1);
}

/// <summary>Who has to agree to a kind of action.</summary>
public enum ActionMode
{
    /// <summary>As its tier says.</summary>
    ByTier,

    /// <summary>Always a person.</summary>
    Review,

    /// <summary>Nobody, where every other gate passes; not for what is critical.</summary>
    Automatic,

    /// <summary>It isn't allowed at all.</summary>
    Never,
}
