using System.Globalization;
using System.Text.Json.Serialization;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Host.Access;
using CrmGrains.Intake.Replays;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Host.Replays;

/// <summary><c>/v1/replays</c>: deliveries that are read once more under the configuration of now. Asking for one only previews it.</summary>
internal static class ReplaysEndpoint
{
    private const int MaxLimit = 500;
    private const int MaxText = 200;

    public static void MapReplays(this IEndpointRouteBuilder routes)
    {
        var replays = routes.MapGroup("/v1/replays").Needs(Scope.Operations);
        replays.MapPost("/", RequestAsync).WithName("RequestReplay").WithSummary("Previews a replay; starts it only where dry_run is false.");
        replays.MapGet("/", ListAsync).WithName("ListReplays").WithSummary("Replays, newest first.");
        replays.MapGet("/{id:long}", GetAsync).WithName("GetReplay").WithSummary("One replay: its preview, and how far it is.");
        replays.MapPost("/{id:long}/start", StartAsync).WithName("StartReplay").WithSummary("Starts a replay that was previewed.");
        replays.MapPost("/{id:long}/cancel", CancelAsync).WithName("CancelReplay").WithSummary("Ends a replay; what was sent is still handled.");
    }

    private static async Task<Results<JsonHttpResult<Replay>, ProblemHttpResult>> RequestAsync(
        ReplayRequest request,
        ReplayRequests replays,
        Configuration.Workspaces workspaces,
        Caller caller,
        CancellationToken cancellationToken)
    {
        var workspace = caller.Within(request.Workspace, workspaces);
        if (FaultOf(request, workspace, workspaces) is { } fault)
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Bad replay", detail: fault);
        var filter = new ReplayFilter
        {
            Workspace = workspace,
            Event = request.Event,
            Source = request.Source,
            Type = request.Type,
            Outcome = request.Outcome,
            Customer = request.Customer,
            From = request.From,
            To = request.To,
        };
        if (await replays.RequestAsync(filter, caller.Name, cancellationToken) is not { } replay)
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "Nothing to replay", detail: "Nothing ever came from there. Check `workspace` and `source`.");
        if (request.DryRun ?? true)
            return Json(replay);
        await replays.StartAsync(replay.Id, caller.Workspace, caller.Name, cancellationToken);
        return Json(await replays.FindAsync(replay.Id, caller.Workspace, cancellationToken) ?? replay);
    }

    private static async Task<Results<JsonHttpResult<ReplayPage>, ProblemHttpResult>> ListAsync(
        Caller caller, ReplayRequests replays, CancellationToken cancellationToken, string? workspace = null, long before = long.MaxValue, int limit = 50)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Bad query", detail: $"limit is 1 to {MaxLimit}.");
        return TypedResults.Json(new ReplayPage(await replays.ListAsync(caller.Narrow(workspace), before, limit, cancellationToken)), ReplayJson.Default.ReplayPage);
    }

    private static async Task<Results<JsonHttpResult<Replay>, ProblemHttpResult>> GetAsync(
        long id, Caller caller, ReplayRequests replays, CancellationToken cancellationToken) =>
        await replays.FindAsync(id, caller.Workspace, cancellationToken) is { } replay ? Json(replay) : Missing(id);

    private static async Task<Results<JsonHttpResult<Replay>, ProblemHttpResult>> StartAsync(
        long id, ReplayRequests replays, Caller caller, CancellationToken cancellationToken) =>
        await AfterAsync(await replays.StartAsync(id, caller.Workspace, caller.Name, cancellationToken), id, "started", caller, replays, cancellationToken);

    private static async Task<Results<JsonHttpResult<Replay>, ProblemHttpResult>> CancelAsync(
        long id, ReplayRequests replays, Caller caller, CancellationToken cancellationToken) =>
        await AfterAsync(await replays.CancelAsync(id, caller.Workspace, caller.Name, cancellationToken), id, "canceled", caller, replays, cancellationToken);

    private static async Task<Results<JsonHttpResult<Replay>, ProblemHttpResult>> AfterAsync(
        bool isDone, long id, string what, Caller caller, ReplayRequests replays, CancellationToken cancellationToken)
    {
        if (await replays.FindAsync(id, caller.Workspace, cancellationToken) is not { } replay)
            return Missing(id);
        return isDone ? Json(replay) : TypedResults.Problem(
            statusCode: StatusCodes.Status409Conflict, title: "Not now", detail: $"Replay {id} is {replay.State}, so it can't be {what}.");
    }

    private static string? FaultOf(ReplayRequest request, string workspace, Configuration.Workspaces workspaces)
    {
        if (!workspaces.Current.ContainsKey(workspace))
            return "There is no such workspace. Name one with `workspace`.";
        if (request.Type is { } type && !EventType.IsKnown(type))
            return "The contract has no such event type. Name one of its types with `type`.";
        if (request.Customer is { } customer && !GrainId.TryParse($"{workspace}/{GrainKind.Customer}/{customer}", out _))
            return "`customer` is the key of a customer, as /v1/customers has it.";
        if (request.From >= request.To)
            return "`from` must be before `to`.";
        return new[] { request.Source, request.Outcome, request.Customer, request.Type }.Any(text => text is { Length: 0 or > MaxText })
            ? string.Create(CultureInfo.InvariantCulture, $"A text of the filter has 1 to {MaxText} characters.")
            : null;
    }

    private static JsonHttpResult<Replay> Json(Replay replay) => TypedResults.Json(replay, ReplayJson.Default.Replay);

    private static ProblemHttpResult Missing(long id) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: "No such replay", detail: $"There is no replay {id}.");
}

/// <summary>Which deliveries are meant; what is left out is no condition.</summary>
internal sealed record ReplayRequest
{
    public string? Workspace { get; init; }

    public Guid? Event { get; init; }

    public string? Source { get; init; }

    public string? Type { get; init; }

    public string? Outcome { get; init; }

    public string? Customer { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>Whether it is only previewed; left out, it is.</summary>
    [JsonPropertyName("dry_run")]
    public bool? DryRun { get; init; }
}

internal sealed record ReplayPage(IReadOnlyList<Replay> Items);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReplayPage))]
[JsonSerializable(typeof(Replay))]
[JsonSerializable(typeof(ReplayRequest))]
internal sealed partial class ReplayJson : JsonSerializerContext;
