using System.Text.Json.Serialization;

namespace CrmGrains.Core.Actions;

/// <summary>How much harm an action can do; says who has to agree to it. In rising order.</summary>
[JsonConverter(typeof(RiskTierJson))]
public enum RiskTier
{
    /// <summary>Done after validation.</summary>
    Low,

    /// <summary>Done where a rule says so and every gate passes, else a person is asked.</summary>
    Medium,

    /// <summary>A person approves, unless a person has signed that its category goes without.</summary>
    High,

    /// <summary>Never done by the system: it becomes a task for a person.</summary>
    Critical,
}

/// <summary>The words for tiers.</summary>
public static class RiskTiers
{
    /// <summary>The name under which it is stored and shown.</summary>
    public static string Name(this RiskTier tier) => tier switch
    {
        RiskTier.Low => "low",
        RiskTier.Medium => "medium",
        RiskTier.High => "high",
        _ => "critical",
    };
}

/// <summary>Writes the names of <see cref="RiskTier"/>.</summary>
public sealed class RiskTierJson() : JsonStringEnumConverter<RiskTier>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower);
