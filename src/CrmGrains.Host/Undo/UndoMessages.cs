using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Core.Undo;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Host.Undo;

/// <summary>A command of an approved plan, as its row has it.</summary>
internal sealed record UndoneRow
{
    public long Id { get; init; }

    public string EffectKey { get; init; } = "";

    public string Grain { get; init; } = "";

    public string Object { get; init; } = "";

    public Guid? EventId { get; init; }

    public string? CrmId { get; init; }

    public string Body { get; init; } = "";

    public string BeforeImage { get; init; } = "";

    public string AfterImage { get; init; } = "";
}

/// <summary>Who is told of an approved plan, and what.</summary>
internal static class UndoMessages
{
    // Twenty commands with images of 16 KiB are a message that a turn can still bear.
    private const int MostInOne = 20;

    /// <summary>One message or several for each grain, the newest commands first.</summary>
    public static IReadOnlyList<OutgoingMessage> Of(Guid undo, string workspace, IReadOnlyList<UndoneRow> rows, string by)
    {
        var all = rows.Select(row => (Row: row, Command: Read(row))).ToList();
        var ties = Ties(all);
        return
        [
            .. all.GroupBy(pair => pair.Row.Grain).SelectMany(grain => grain.Chunk(MostInOne).Select(part => To(grain.Key, workspace, new Message.UndoWanted(
                undo, [.. part.Select(pair => pair.Command with { GoingToo = GoingToo(pair.Command, ties) })], by)))),
        ];
    }

    // Without the event in it: that is what the effects of the turn would be done once for.
    private static OutgoingMessage To(string grain, string workspace, Message message) => new(
        MailboxPartition.Of(GrainId.Parse(grain)), workspace, grain, message.Name, null, JsonSerializer.SerializeToUtf8Bytes(message, CoreJson.Default.Message));

    /// <summary>Reads a stored image; null where there is none, or none that this version can read.</summary>
    public static RecordImage? Image(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, CoreJson.Default.RecordImage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static UndoneCommand Read(UndoneRow row)
    {
        var body = row.Body.Length > 2 ? JsonSerializer.Deserialize(row.Body, CoreJson.Default.CrmCommand) : null;
        return new UndoneCommand
        {
            Id = row.Id,
            EffectKey = row.EffectKey,
            Object = row.Object,
            CrmId = row.CrmId,
            LinkedTo = (body as CrmCommand.Associate)?.To,
            Task = (body as CrmCommand.CreateTask)?.Name,
            Before = Image(row.BeforeImage) ?? throw new InvalidOperationException($"The image of command {row.Id} can't be read."),
            After = Image(row.AfterImage) ?? throw new InvalidOperationException($"The image of command {row.Id} can't be read."),
        };
    }

    // By record: what may still be tied to it when its turn comes. That is what the plan takes away itself, and what it archives for the
    // same event, since a CRM ties such records by itself too.
    private static Dictionary<string, HashSet<string>> Ties(IReadOnlyList<(UndoneRow Row, UndoneCommand Command)> all)
    {
        var ties = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        void Tie(string one, string other)
        {
            if (!ties.TryGetValue(one, out var known))
                ties.Add(one, known = new HashSet<string>(StringComparer.Ordinal));
            known.Add(other);
        }

        foreach (var (_, command) in all.Where(pair => pair.Command.MadeIt))
        {
            if (command is { Object: CrmObject.Association, After.Links: [var from, var to] })
            {
                Tie(from, to);
                Tie(to, from);
            }
            else if (command is { CrmId: { } id, After.Links: { } on })
            {
                foreach (var record in on)
                    Tie(record, RecordImage.Name(command.Object, id));
            }
        }

        foreach (var made in all.Where(pair => pair is { Row.EventId: not null, Command: { MadeIt: true, CrmId: not null } }).GroupBy(pair => pair.Row.EventId))
        {
            var names = made.Select(pair => RecordImage.Name(pair.Command.Object, pair.Command.CrmId ?? "")).ToList();
            foreach (var one in names)
            {
                foreach (var other in names.Where(other => other != one))
                    Tie(one, other);
            }
        }

        return ties;
    }

    private static IReadOnlyList<string> GoingToo(UndoneCommand command, Dictionary<string, HashSet<string>> ties) =>
        command is { MadeIt: true, CrmId: { } id, Object: CrmObject.Contact or CrmObject.Company or CrmObject.Deal }
            && ties.TryGetValue(RecordImage.Name(command.Object, id), out var known)
            ? [.. known.Order(StringComparer.Ordinal)]
            : [];
}
