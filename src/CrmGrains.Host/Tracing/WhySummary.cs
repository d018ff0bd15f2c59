using System.Text.Json;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;

namespace CrmGrains.Host.Tracing;

/// <summary>Decisions in a sentence.</summary>
internal static class WhySummary
{
    public static string Of(EventTrace trace, Decision? decision) => (trace.Status, trace.DecidedBy, decision) switch
    {
        (EventStatus.Duplicate, _, _) => $"It repeats event {trace.DuplicateOf}, so nothing was decided anew. Ask why of that one.",
        (_, null, _) => "Nothing is decided yet: it waits for its turn.",
        (_, _, { Routing: { } routing }) => $"The lead has a score of {routing.LeadScore}, {Of(routing)}.{(decision.Reason is { } reason ? $" {reason}" : "")}",
        (_, _, { } other) => $"{TypeOf(trace)}: {Verb(other.Outcome)}. {other.Reason}".TrimEnd(),
        (_, { } entry, _) => $"It never reached a customer: {entry.Outcome}. {ReasonOf(entry)}".TrimEnd(),
    };

    public static string Of(WhatIf answer)
    {
        var (before, after) = (answer.Before, answer.After);
        var same = before.Outcome == after.Outcome && before.Routing.RoutingTier == after.Routing.RoutingTier
            && before.Routing.QualificationStatus == after.Routing.QualificationStatus;
        var score = before.Routing.LeadScore == after.Routing.LeadScore
            ? $"The score stays {before.Routing.LeadScore}"
            : $"The score goes from {before.Routing.LeadScore} to {after.Routing.LeadScore}";
        return same ? $"{score}; nothing else changes."
            : after.Reason is { } reason ? $"{score}, and a person decides: {reason}"
            : $"{score}: the lead {Of(after.Routing)}.";
    }

    /// <summary>Why the rules can't be asked about an event.</summary>
    public static string NoLead(EventTrace trace) => trace switch
    {
        { Status: EventStatus.Duplicate } => $"Event {trace.EventId} repeats event {trace.DuplicateOf}: ask about that one.",
        { NormalizedEvent: null } => $"Event {trace.EventId} has no facts to change: it was never read as an event, or what it said was removed since.",
        _ => $"Event {trace.EventId} is {TypeOf(trace)}; scoring and routing judge {EventType.LeadSubmitted} only.",
    };

    /// <summary>What intake said where no customer was told.</summary>
    public static string? ReasonOf(TracedEntry? entry) =>
        entry?.Detail is { ValueKind: JsonValueKind.Object } detail && detail.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String
            ? reason.GetString()
            : null;

    private static string Of(Routing routing)
    {
        var where = routing.RoutingTier is not { } tier ? "is routed by no rule"
            : routing.TargetPipeline is not { } pipeline ? $"goes to {tier}, without a deal"
            : $"goes to {tier}: a deal in {pipeline}{(routing.TargetOwnerRole is { } role ? $" for the {role}" : "")}";
        return $"is {routing.QualificationStatus} and {where}";
    }

    private static string TypeOf(EventTrace trace) =>
        trace.NormalizedEvent is { } normalized && normalized.TryGetProperty("event_type", out var type) ? type.GetString() ?? "" : "The event";

    private static string Verb(string outcome) => outcome switch
    {
        "create" => "a new customer was made of it",
        "update" => "what is known of the customer was updated",
        "context" => "its customer took it in as context, and nothing was done",
        Decision.PassedOn => "it was passed on",
        _ => outcome,
    };
}
