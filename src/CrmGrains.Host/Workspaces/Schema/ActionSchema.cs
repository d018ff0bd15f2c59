using CrmGrains.Core.Actions;

namespace CrmGrains.Host.Configuration.Schema;

/// <summary>The shapes of what the system does: channels, the risk policy, templates, playbooks and sequences.</summary>
internal static class ActionSchema
{
    private static readonly Shape.Text Text = new("a text; {{fact}} is filled in");
    private static readonly Shape.Flag Automatic = new();
    private static readonly Shape.Text Line = new();
    private static readonly Shape.ListOf Lines = new(Line);
    private static readonly Shape.Text Duration = WorkspaceSchema.Duration;
    private static readonly Shape.Defined When = new("condition");

    private static readonly Shape Limits = WorkspaceSchema.Keys([], [("general", Line)]);

    private static readonly Shape.ListOf Questions = new(WorkspaceSchema.Keys([("ask", Line)], [("when", When)]));

    private static readonly (string, Shape)[] Common =
        [("when", When), ("questions", Questions), ("once_per", new Shape.Choice(["customer", "event"]))];

    private static readonly (string, Shape)[] Written = [("template", Line), ("subject", Text), ("text", Text)];

    private static readonly (string, Shape)[] Assigned =
        [.. Written, ("owner_role", Line), ("due_in", Duration), ("priority", new Shape.Choice(["low", "medium", "high"]))];

    // A kind has the keys of what it does and no others.
    private static readonly Shape Action = new Shape.Either(
    [
        Of(ActionType.All.Where(type => type.Name == "create_task" || type.Tier == RiskTier.Critical), [], Assigned),
        Of(["add_note"], [], Written),
        Of(["classify", "update_contact"], [("fields", new Shape.MapOf(new Shape.Scalar()))], [("automatic", Automatic)]),
        Of(["move_stage"], [("pipeline", Line), ("stage", Line), ("move_from", Lines)], [("automatic", Automatic)]),
        Of(["set_owner"], [("pipeline", Line), ("owner_role", Line)], [("automatic", Automatic)]),
        Of(ActionType.All.Where(type => type.Channel == "webhook"), [("channel", Line)], [("automatic", Automatic)]),
        Of(ActionType.All.Where(type => type.Channel is "smtp" or "slack" or "file"), [("channel", Line)], [.. Written, ("automatic", Automatic)]),
    ]);

    public static Shape Channels { get; } = new Shape.MapOf(new Shape.Either(
    [
        WorkspaceSchema.Keys(
            [("kind", new Shape.Choice(["smtp"])), ("url", WorkspaceSchema.Address), ("from", Line)],
            [
                ("user", Line), ("password", WorkspaceSchema.Secret), ("tls", new Shape.Choice(["required", "none"])), ("allow_private", new Shape.Flag()),
                ("limits", Limits),
            ]),
        WorkspaceSchema.Keys([("kind", new Shape.Choice(["slack"])), ("url", WorkspaceSchema.Secret)], [("allow_private", new Shape.Flag()), ("limits", Limits)]),
        WorkspaceSchema.Keys(
            [("kind", new Shape.Choice(["webhook"])), ("url", WorkspaceSchema.Address), ("secret", WorkspaceSchema.Secret)],
            [("allow_private", new Shape.Flag()), ("limits", Limits)]),
        WorkspaceSchema.Keys([("kind", new Shape.Choice(["file"])), ("folder", Line)], [("limits", Limits)]),
    ]));

    public static Shape Risk { get; } = WorkspaceSchema.Keys(
        [],
        [
            ("min_confidence", new Shape.Number(0, 1)),
            ("autonomy", WorkspaceSchema.Keys(
                [],
                [
                    ("min_decisions", new Shape.Whole(1, 1_000_000)), ("min_lower_bound", new Shape.Number(0, 1)), ("demote_below", new Shape.Number(0, 1)),
                    ("window", Duration),
                ])),
            ("actions", WorkspaceSchema.Keys([], [.. ActionType.All.Select(type => (type.Name, Policy()))])),
        ]);

    public static Shape Templates { get; } = new Shape.MapOf(WorkspaceSchema.Keys([("text", Text)], [("subject", Text)]));

    public static Shape Playbooks { get; } = new Shape.MapOf(WorkspaceSchema.Keys(
        [("on", Lines), ("actions", new Shape.MapOf(Action))], [("when", When), ("context", Lines), ("questions", Questions), ("sequence", Line)]));

    public static Shape Sequences { get; } = new Shape.MapOf(WorkspaceSchema.Keys(
        [("steps", new Shape.ListOf(WorkspaceSchema.Keys([("after", Duration), ("actions", new Shape.MapOf(Action))], [])))],
        [
            ("one_for", Line), ("stop_on", Lines), ("stop_on_same", Lines), ("max_per_week", new Shape.Whole(1, 20)),
            ("quiet", WorkspaceSchema.Keys(
                [("time_zone", Line)],
                [("from", Line), ("to", Line), ("days", new Shape.ListOf(new Shape.Choice(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])))])),
        ]));

    private static Shape Policy() => WorkspaceSchema.Keys(
        [],
        [
            ("mode", new Shape.Choice(["by_tier", "review", "automatic", "never"])),
            ("at_least", new Shape.Choice([.. Enum.GetValues<RiskTier>().Select(tier => tier.Name())])), ("four_eyes", new Shape.Flag()),
            ("expires_after", Duration), ("due_in", Duration),
        ]);

    private static Shape.Keys Of(IEnumerable<ActionType> types, (string, Shape)[] required, (string, Shape)[] optional) =>
        Of([.. types.Select(type => type.Name)], required, optional);

    private static Shape.Keys Of(string[] types, (string, Shape)[] required, (string, Shape)[] optional) =>
        WorkspaceSchema.Keys([("type", new Shape.Choice(types)), .. required], [.. Common, .. optional]);
}
