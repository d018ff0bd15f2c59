using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;

namespace CrmGrains.Host.Tracing;

/// <summary>Why an event was decided on as it was.</summary>
internal sealed record WhyAnswer
{
    public required Guid EventId { get; init; }

    /// <summary>One of <see cref="EventStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>The event that told the same before; only where the status is <c>duplicate</c>.</summary>
    public Guid? DuplicateOf { get; init; }

    /// <summary>The decision in words.</summary>
    public required string Summary { get; init; }

    public string? Outcome { get; init; }

    public string? Reason { get; init; }

    /// <summary>Who decided, for example <c>demo/customer/...</c>.</summary>
    public string? Grain { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The rules that were in force.</summary>
    public RulesUsed? Configuration { get; init; }

    public IdentityMatch? Match { get; init; }

    public Validation? Validation { get; init; }

    /// <summary>Score, parts, status, tier, pipeline and role; only for leads.</summary>
    public Routing? Routing { get; init; }

    public IReadOnlyList<ConditionTrace>? Conditions { get; init; }

    /// <summary>The gates with their answers, where the decision has them.</summary>
    public JsonElement? Gates { get; init; }

    public JsonElement? Plan { get; init; }

    /// <summary>Under the rules that were in force; only for leads.</summary>
    public Counterfactuals? Counterfactuals { get; init; }

    /// <summary>Why there are no counterfactuals for a lead.</summary>
    public string? NoCounterfactuals { get; init; }
}

/// <summary>Which version of the rules.</summary>
/// <param name="Hash">SHA-256 of the workspace file.</param>
/// <param name="IsInForce">Whether it is the one of now.</param>
internal sealed record RulesUsed(string Hash, bool IsInForce);

/// <summary>A lead as it is and as it would be.</summary>
internal sealed record WhatIfAnswer
{
    public required Guid EventId { get; init; }

    /// <summary>What would become of it, in words.</summary>
    public required string Summary { get; init; }

    public required RulesUsed Configuration { get; init; }

    public required IReadOnlyList<FactChange> Changes { get; init; }

    public required Judgment Before { get; init; }

    public required Judgment After { get; init; }

    public required IReadOnlyList<ConditionChange> Conditions { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WhyAnswer))]
[JsonSerializable(typeof(WhatIfAnswer))]
internal sealed partial class WhyJson : JsonSerializerContext;
