using System.Text.Json.Serialization;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Autonomy;

namespace CrmGrains.Host.Autonomy;

internal sealed record AutonomyPage(IReadOnlyList<AutonomyView> Items);

/// <summary>How it stands with one kind of action.</summary>
internal sealed record AutonomyView
{
    public required string Action { get; init; }

    public required string Tier { get; init; }

    public required bool IsGranted { get; init; }

    public string? GrantedBy { get; init; }

    public DateTimeOffset? GrantedAt { get; init; }

    /// <summary>Whether a signature is asked for.</summary>
    public required bool IsProposed { get; init; }

    public required int Decided { get; init; }

    public required int Accepted { get; init; }

    /// <summary>Null where nobody decided anything yet.</summary>
    public double? Rate { get; init; }

    /// <summary>The true rate is at least this, with 95 % confidence.</summary>
    public required double LowerBound { get; init; }

    public static AutonomyView Of(ActionTally tally, Grant? grant, bool isProposed) => new()
    {
        Action = tally.Action,
        Tier = ActionType.Find(tally.Action)?.EffectiveTier.Name() ?? RiskTier.Critical.Name(),
        IsGranted = grant is not null,
        GrantedBy = grant?.By,
        GrantedAt = grant?.At,
        IsProposed = isProposed,
        Decided = tally.Decided,
        Accepted = tally.Accepted,
        Rate = tally.Decided == 0 ? null : (double)tally.Accepted / tally.Decided,
        LowerBound = tally.LowerBound,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AutonomyPage))]
[JsonSerializable(typeof(ActionTally))]
internal sealed partial class AutonomyJson : JsonSerializerContext;
