using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>What would have had to be different for a lead to be judged differently: the smallest changes of what it said, each tried out.</summary>
public sealed record Counterfactuals
{
    /// <summary>In one line, for example <c>score 68; 70 routes to priority; company.domain is missing: with one the score is 80</c>.</summary>
    public required string Sentence { get; init; }

    /// <summary>The nearest scores above and below that are routed or qualified differently, all else being the same.</summary>
    public required IReadOnlyList<ScoreStep> ScoreSteps { get; init; }

    /// <summary>Changes that flip the result, for each other result the smallest first. Two fields only where no single one does it.</summary>
    public required IReadOnlyList<Counterfactual> Flips { get; init; }

    /// <summary>Results that no change of one or two fields was found for, for example <c>tier nurture</c>.</summary>
    public required IReadOnlyList<string> NotFound { get; init; }

    /// <summary>How many changes were tried.</summary>
    public required int Tried { get; init; }

    /// <summary>False where there were more changes of two fields than are tried: what was not found may exist.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Searches them. Pure, and bounded by <see cref="CounterfactualSearch.MostTries(WorkspaceConfiguration)"/>.</summary>
    public static Counterfactuals Of(WorkspaceConfiguration workspace, ContractEvent lead) =>
        new CounterfactualSearch(workspace, Facts.Of(lead), LeadRules.AgeOf(lead)).Run();
}

/// <summary>A score that is judged differently.</summary>
/// <param name="Score">The score.</param>
/// <param name="Distance">How far it is from the lead's; negative below.</param>
/// <param name="Status">The status that it qualifies for.</param>
/// <param name="Tier">Where it is routed to; null: no rule routes it.</param>
public sealed record ScoreStep(int Score, int Distance, string Status, string? Tier);

/// <summary>One change that flips the result.</summary>
public sealed record Counterfactual
{
    /// <summary><c>tier</c> or <c>status</c>.</summary>
    public required string Turns { get; init; }

    /// <summary>What it is.</summary>
    public string? From { get; init; }

    /// <summary>What it would be; null: no rule routes the lead, and a person decides.</summary>
    public string? To { get; init; }

    /// <summary>One change, or two.</summary>
    public required IReadOnlyList<FactChange> Changes { get; init; }

    /// <summary>The score then.</summary>
    public required int Score { get; init; }

    /// <summary>The status then.</summary>
    public required string Status { get; init; }

    /// <summary>The tier then.</summary>
    public string? Tier { get; init; }

    /// <summary>In words.</summary>
    public required string Sentence { get; init; }
}

/// <summary>One fact that is supposed to be another.</summary>
/// <param name="Field">Its name.</param>
/// <param name="From">What it is; null: it is missing.</param>
/// <param name="To">What it would be; null: missing.</param>
/// <param name="IsExample">True where any other value would do as well. Else null.</param>
public sealed record FactChange(string Field, FieldValue? From, FieldValue? To, bool? IsExample = null);
