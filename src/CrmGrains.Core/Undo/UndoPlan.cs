using CrmGrains.Core.Commands;

namespace CrmGrains.Core.Undo;

/// <summary>How it stands with a command that shall be taken back; the names are stored.</summary>
public static class ConflictClass
{
    /// <summary>As far as is known here nothing changed since; the connector looks at the record itself before it does anything.</summary>
    public const string UntouchedSince = "untouched_since";

    /// <summary>We wrote the record again since, and that isn't taken back with it.</summary>
    public const string ChangedSince = "changed_since";

    /// <summary>It has no inverse, or what was there before isn't known.</summary>
    public const string NotReversible = "not_reversible";

    /// <summary>There is nothing to take back.</summary>
    public const string UndoneAlready = "undone_already";

    /// <summary>It isn't carried out yet.</summary>
    public const string InFlight = "in_flight";
}

/// <summary>A command as the plan sees it.</summary>
public sealed record DoneCommand
{
    /// <summary>The command's id; later ones are higher.</summary>
    public required long Id { get; init; }

    /// <summary>One of <see cref="CrmObject"/>, or what a channel carries out.</summary>
    public required string Object { get; init; }

    /// <summary>What it did.</summary>
    public required string Operation { get; init; }

    /// <summary>As its row says: <c>waiting</c>, <c>succeeded</c> and so on.</summary>
    public required string State { get; init; }

    /// <summary>As its receipt says: <c>created</c>, <c>found</c> and so on.</summary>
    public string? Action { get; init; }

    /// <summary>Whether an attempt may have been carried out although no answer came.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>Whether it was taken back before.</summary>
    public bool IsReverted { get; init; }

    /// <summary>Null where it couldn't be kept, or isn't any more.</summary>
    public RecordImage? Before { get; init; }

    /// <summary>Null with <see cref="Before"/>.</summary>
    public RecordImage? After { get; init; }

    /// <summary>The newest command that its record was written for, where that is another one and wasn't taken back.</summary>
    public LaterWrite? Later { get; init; }
}

/// <summary>A later write of the same record.</summary>
/// <param name="Id">The command's id.</param>
/// <param name="After">What it left; null where that isn't known.</param>
public sealed record LaterWrite(long Id, RecordImage? After);

/// <summary>One step of a plan to take commands back.</summary>
/// <param name="Command">The command's id.</param>
/// <param name="Class">One of <see cref="ConflictClass"/>.</param>
/// <param name="Reason">Why, in one sentence without personal data.</param>
/// <param name="Fields">The fields that it would restore, by name; empty where a record or a link goes as a whole.</param>
public sealed record UndoStep(long Command, string Class, string Reason, IReadOnlyList<string> Fields);

/// <summary>What would happen if commands were taken back. Pure.</summary>
public static class UndoPlan
{
    /// <summary>Whether commands of an object have an inverse at all.</summary>
    public static bool IsReversible(string crmObject) => crmObject is CrmObject.Contact or CrmObject.Company or CrmObject.Deal
        or CrmObject.Association or CrmObject.Note or CrmObject.Task;

    /// <summary>A step for each command, in the order of the commands.</summary>
    /// <param name="commands">All that shall be taken back, the newest first.</param>
    public static IReadOnlyList<UndoStep> Of(IReadOnlyList<DoneCommand> commands)
    {
        // A later write is only out of the way where it is taken back itself.
        var going = new HashSet<long>();
        var steps = new List<UndoStep>(commands.Count);
        foreach (var command in commands)
        {
            var (name, reason) = Judge(command, going);
            if (name is ConflictClass.UntouchedSince or ConflictClass.UndoneAlready)
                going.Add(command.Id);
            steps.Add(new UndoStep(command.Id, name, reason, Fields(command)));
        }

        return steps;
    }

    private static (string Class, string Reason) Judge(DoneCommand command, HashSet<long> going) => command switch
    {
        { Operation: CrmCommand.Revert.Name } => (ConflictClass.NotReversible, "It took something back itself; to have that again, replay the event."),
        { IsReverted: true } => (ConflictClass.UndoneAlready, "It was taken back before."),
        { State: "waiting" or "blocked" or "sent" } => (ConflictClass.InFlight, "It isn't carried out yet; ask again once it is."),
        _ when !IsReversible(command.Object) => (ConflictClass.NotReversible, $"What went out by {command.Object} can't be taken back."),
        { State: not "succeeded", IsUncertain: true } =>
            (ConflictClass.NotReversible, "It was given up, and whether it was carried out isn't known; look at the record."),
        { State: not "succeeded" } => (ConflictClass.UndoneAlready, "It was never carried out."),
        { Before: null, Action: "found" } => (ConflictClass.UndoneAlready, "It changed nothing: a newer write had been there before."),
        { Before: null } or { After: null } => (ConflictClass.NotReversible, "What was there before couldn't be kept, or was purged since."),
        { Before: { IsThere: true, Fields.Count: 0 } } => (ConflictClass.UndoneAlready, "It changed nothing."),
        { Later: { } later } when !going.Contains(later.Id) && Touches(command, later) =>
            (ConflictClass.ChangedSince, $"Command {later.Id} wrote the {command.Object} since, and isn't taken back with it."),
        { Before.IsThere: false, Object: CrmObject.Association } => (ConflictClass.UntouchedSince, "The link is taken away."),
        { Before.IsThere: false } => (ConflictClass.UntouchedSince, $"The {command.Object} is archived, unless it was changed or tied to others since."),
        _ => (ConflictClass.UntouchedSince, "The fields get back what they had, unless they were changed since."),
    };

    private static bool Touches(DoneCommand command, LaterWrite later) =>
        command.Before?.IsThere == false || later.After is null
        || later.After.Fields.Any(field => !IsMark(field) && command.After?.Fields.Any(ours => ours.Property == field.Property) == true);

    // Each write leaves its own mark, and taking it back brings the earlier one back.
    private static bool IsMark(FieldImage field) => field.Name == "effect";

    private static IReadOnlyList<string> Fields(DoneCommand command) => command.Before is { IsThere: true } before
        ? [.. before.Fields.Where(field => !IsMark(field)).Select(field => field.Name).Distinct(StringComparer.Ordinal)]
        : [];
}
