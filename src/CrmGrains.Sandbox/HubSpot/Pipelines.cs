using CrmGrains.Sandbox.HubSpot.Answers;

namespace CrmGrains.Sandbox.HubSpot;

/// <summary>A stage as HubSpot sends it; values of the metadata are text.</summary>
internal sealed record Stage(string Id, string Label, int DisplayOrder, IReadOnlyDictionary<string, string> Metadata)
{
    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.UnixEpoch;
    public DateTimeOffset UpdatedAt { get; init; } = DateTimeOffset.UnixEpoch;
    public bool Archived { get; init; }
    public string WritePermissions { get; init; } = "CRM_PERMISSIONS_ENFORCEMENT";
}

internal sealed record Pipeline(string Id, string Label, int DisplayOrder, IReadOnlyList<Stage> Stages)
{
    public DateTimeOffset CreatedAt { get; init; } = DateTimeOffset.UnixEpoch;
    public DateTimeOffset UpdatedAt { get; init; } = DateTimeOffset.UnixEpoch;
    public bool Archived { get; init; }

    public Stage? FindStage(string? id) => Stages.FirstOrDefault(stage => stage.Id == id);
}

/// <summary>The account's pipelines. They are fixed.</summary>
internal static class Pipelines
{
    private static readonly IReadOnlyList<Pipeline> Deals =
    [
        new("default", "Sales Pipeline", 0,
        [
            Open("appointmentscheduled", "Appointment Scheduled", 0, "0.2"),
            Open("qualifiedtobuy", "Qualified To Buy", 1, "0.4"),
            Open("presentationscheduled", "Presentation Scheduled", 2, "0.6"),
            Open("decisionmakerboughtin", "Decision Maker Bought-In", 3, "0.8"),
            Open("contractsent", "Contract Sent", 4, "0.9"),
            Closed("closedwon", "Closed Won", 5, "1.0"),
            Closed("closedlost", "Closed Lost", 6, "0.0"),
        ]),
        new("automation_audit", "Automation audit", 1,
        [
            Open("audit_new", "New", 0, "0.1"),
            Open("audit_qualified", "Qualified", 1, "0.3"),
            Open("audit_proposal", "Proposal", 2, "0.6"),
            Closed("audit_won", "Won", 3, "1.0"),
            Closed("audit_lost", "Lost", 4, "0.0"),
        ]),
    ];

    private static readonly IReadOnlyList<Pipeline> Tickets =
    [
        new("0", "Support Pipeline", 0,
        [
            Ticket("1", "New", 0, "OPEN"),
            Ticket("2", "Waiting on contact", 1, "OPEN"),
            Ticket("3", "Waiting on us", 2, "OPEN"),
            Ticket("4", "Closed", 3, "CLOSED"),
        ]),
    ];

    /// <summary>The pipelines of deals and tickets; other records have none.</summary>
    public static IReadOnlyList<Pipeline> Of(ObjectType type) =>
        type == ObjectType.Deals ? Deals : type == ObjectType.Tickets ? Tickets : [];

    public static Pipeline? Find(ObjectType type, string? id) => Of(type).FirstOrDefault(pipeline => pipeline.Id == id);

    public static bool IsClosed(Stage stage) => stage.Metadata.GetValueOrDefault("isClosed") == "true";

    public static bool IsWon(Stage stage) => IsClosed(stage) && stage.Metadata.GetValueOrDefault("probability") == "1.0";

    public static void MapPipelines(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "pipelines", "v3"))
        {
            group.MapGet("/{type}", (ObjectType type) => TypedResults.Ok(new Page<Pipeline>(Of(type))));
            group.MapGet("/{type}/{id}", IResult (ObjectType type, string id) =>
                Find(type, id) is { } pipeline ? TypedResults.Ok(pipeline) : HubSpotError.NotFound());
            group.MapGet("/{type}/{id}/stages", IResult (ObjectType type, string id) =>
                Find(type, id) is { } pipeline ? TypedResults.Ok(new Page<Stage>(pipeline.Stages)) : HubSpotError.NotFound());
        }
    }

    private static Stage Open(string id, string label, int order, string probability) =>
        new(id, label, order, new Dictionary<string, string> { ["isClosed"] = "false", ["probability"] = probability });

    private static Stage Closed(string id, string label, int order, string probability) =>
        new(id, label, order, new Dictionary<string, string> { ["isClosed"] = "true", ["probability"] = probability });

    private static Stage Ticket(string id, string label, int order, string state) =>
        new(id, label, order, new Dictionary<string, string>
        {
            ["isClosed"] = state == "CLOSED" ? "true" : "false",
            ["ticketState"] = state,
        });
}
