using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;
using CrmGrains.Host.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Host.Tracing;

/// <summary>
/// <c>GET /v1/events/{id}/why</c>: the decision with its reasons and what would flip it. <c>GET /v1/events/{id}/whatif?field=value</c>: the
/// same lead with facts changed. Neither changes anything.
/// </summary>
internal static class WhyEndpoint
{
    private const string Which = "configuration";

    public static void MapReasons(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/events/{id:guid}/why", WhyAsync)
            .Needs(Scope.LedgerRead)
            .WithName("WhyEvent")
            .WithSummary("Why an event was decided on as it was: every condition with what it saw, the parts of the score, and the smallest change that flips the result.");
        routes.MapGet("/v1/events/{id:guid}/whatif", WhatIfAsync)
            .Needs(Scope.LedgerRead)
            .WithName("WhatIfEvent")
            .WithSummary("How a lead would be judged with some facts changed: a query parameter for each, empty where it shall be missing; `configuration=recorded` asks the rules of then.");
    }

    private static async Task<Results<JsonHttpResult<WhyAnswer>, ProblemHttpResult>> WhyAsync(
        Guid id, Caller caller, EventTraces traces, RecordedConfigurations configurations, IWorkspaces workspaces, CancellationToken cancellationToken)
    {
        if (await traces.FindAsync(id, caller.Workspace, cancellationToken) is not { } trace)
            return Unknown(id);
        var decision = trace.Decision?.Deserialize(CoreJson.Default.Decision);
        var entry = trace.DecidedBy;
        var (counterfactuals, none) = decision?.Routing is null || entry is null
            ? (null, null)
            : await CounterfactualsAsync(trace, entry.Configuration, configurations, cancellationToken);
        return TypedResults.Json(new WhyAnswer
        {
            EventId = id,
            Status = trace.Status,
            DuplicateOf = trace.DuplicateOf,
            Summary = WhySummary.Of(trace, decision),
            Outcome = decision?.Outcome ?? entry?.Outcome,
            Reason = decision?.Reason ?? WhySummary.ReasonOf(entry),
            Grain = entry is { Grain.Length: > 0 } ? entry.Grain : null,
            DecidedAt = entry?.BeganAt,
            Configuration = entry is null
                ? null
                : new RulesUsed(entry.Configuration, workspaces.Find(trace.Raw.Workspace)?.Hash == entry.Configuration),
            Match = trace.Match?.Deserialize(CoreJson.Default.IdentityMatch),
            Validation = trace.Validation?.Deserialize(CoreJson.Default.Validation),
            Routing = decision?.Routing,
            Conditions = decision?.Conditions,
            Actions = decision?.Actions,
            Sequences = decision?.Sequences,
            Plan = trace.Plan,
            Counterfactuals = counterfactuals,
            NoCounterfactuals = none,
        }, WhyJson.Default.WhyAnswer);
    }

    private static async Task<Results<JsonHttpResult<WhatIfAnswer>, ProblemHttpResult>> WhatIfAsync(
        Guid id,
        HttpRequest request,
        Caller caller,
        EventTraces traces,
        RecordedConfigurations configurations,
        IWorkspaces workspaces,
        CancellationToken cancellationToken)
    {
        var which = request.Query.TryGetValue(Which, out var asked) ? asked.ToString() : "in_force";
        if (which is not ("in_force" or "recorded"))
            return Refused("configuration_unknown", "No such configuration", "`configuration` is `in_force`, which it is without it, or `recorded`.");
        if (await traces.FindAsync(id, caller.Workspace, cancellationToken) is not { } trace)
            return Unknown(id);
        if (LeadOf(trace) is not { } lead)
            return Problem(StatusCodes.Status409Conflict, "not_a_judged_lead", "Not a lead that rules judge", WhySummary.NoLead(trace));

        var hash = trace.DecidedBy?.Configuration;
        var workspace = which == "in_force" ? workspaces.Find(trace.Raw.Workspace)
            : hash is null ? null
            : await configurations.FindAsync(trace.Raw.Workspace, hash, cancellationToken);
        if (workspace is null)
            return Problem(
                StatusCodes.Status409Conflict, "configuration_missing", "No such configuration",
                $"The configuration {(which == "in_force" ? $"of workspace {trace.Raw.Workspace}" : $"with hash {hash}")} isn't here. Ask under the other one.");
        var read = SupposedFacts.Read(request.Query.Where(parameter => parameter.Key != Which), workspace);
        if (read.Fault is { } fault)
            return Refused(fault.Code, fault.Title, fault.Detail);

        var answer = WhatIf.Of(workspace, lead, read.Facts);
        return TypedResults.Json(new WhatIfAnswer
        {
            EventId = id,
            Summary = WhySummary.Of(answer),
            Configuration = new RulesUsed(workspace.Hash, workspaces.Find(workspace.Name)?.Hash == workspace.Hash),
            Changes = answer.Changes,
            Before = answer.Before,
            After = answer.After,
            Conditions = answer.Conditions,
        }, WhyJson.Default.WhatIfAnswer);
    }

    private static async Task<(Counterfactuals? Found, string? None)> CounterfactualsAsync(
        EventTrace trace, string hash, RecordedConfigurations configurations, CancellationToken cancellationToken)
    {
        if (LeadOf(trace) is not { } lead)
            return (null, "What the lead said was removed: it is kept so long only.");
        return await configurations.FindAsync(trace.Raw.Workspace, hash, cancellationToken) is { } workspace
            ? (Counterfactuals.Of(workspace, lead), null)
            : (null, $"The configuration with hash {hash} wasn't kept, or this version can't read it.");
    }

    private static ContractEvent? LeadOf(EventTrace trace) =>
        trace.NormalizedEvent?.Deserialize(CoreJson.Default.ContractEvent) is { EventType: EventType.LeadSubmitted } lead ? lead : null;

    private static ProblemHttpResult Unknown(Guid id) => Problem(
        StatusCodes.Status404NotFound, "not_found", "No such event",
        $"No delivery was stored as event {id}. A repeated delivery is stored as its first one: use the id that it was answered with.");

    private static ProblemHttpResult Refused(string code, string title, string detail) => TypedResults.Problem(
        statusCode: StatusCodes.Status400BadRequest, title: title, detail: detail,
        extensions: new Dictionary<string, object?> { ["code"] = code, ["fields"] = SupposedFacts.Names });

    private static ProblemHttpResult Problem(int status, string code, string title, string detail) => TypedResults.Problem(
        statusCode: status, title: title, detail: detail, extensions: new Dictionary<string, object?> { ["code"] = code });
}
