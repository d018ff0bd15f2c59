using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Json;

namespace CrmGrains.Core.Actions;

/// <summary>What is wrong with a change to a command.</summary>
/// <param name="Path">Where, for example <c>fields.urgency</c>.</param>
/// <param name="Code">A stable name: <c>not_editable</c>, <c>missing</c>, <c>wrong_type</c>, <c>too_long</c>, <c>not_allowed</c>, <c>unchanged</c>.</param>
/// <param name="Detail">What is expected, without the value.</param>
public sealed record EditFault(string Path, string Code, string Detail);

/// <summary>A command with a person's changes.</summary>
/// <param name="Command">Null where there are faults.</param>
/// <param name="Faults">All at once.</param>
public sealed record EditedCommand(CrmCommand? Command, IReadOnlyList<EditFault> Faults);

/// <summary>
/// What a person may change of a proposed command before it is done: what it says, when it is due, who has it. Whom it is for and which records
/// it refers to stay as proposed, for that is what the proposal was about.
/// </summary>
public static class CommandEdits
{
    /// <summary>The longest text of one line, such as a subject.</summary>
    public const int MaxLine = 255;

    /// <summary>The longest text.</summary>
    public const int MaxText = 10_000;

    private static readonly string[] Priorities = ["low", "medium", "high"];

    // What the contact is found by.
    private static readonly string[] OfContact = [.. CustomerFields.OfContact.Where(name => name != "email")];

    /// <summary>What may be changed of a command, by path.</summary>
    public static IReadOnlyList<string> PathsOf(CrmCommand command) => command switch
    {
        CrmCommand.UpsertContact or CrmCommand.UpsertCompany => ["fields"],
        CrmCommand.UpsertDeal => ["stage", "owner_email", "fields"],
        CrmCommand.WriteNote => ["title", "lines"],
        CrmCommand.CreateTask => ["subject", "body", "due_at", "priority", "owner_email"],
        CrmCommand.SendMail => ["subject", "text"],
        CrmCommand.PostNotice => ["text"],
        CrmCommand.DropFile => ["file_name", "content"],
        _ => [],
    };

    /// <summary>Applies changes.</summary>
    /// <param name="command">As it was proposed, or as somebody changed it before.</param>
    /// <param name="edits">New values by path; a field within <c>fields</c> is taken away by null.</param>
    /// <param name="now">UTC; nothing falls due before.</param>
    public static EditedCommand Apply(CrmCommand command, IReadOnlyDictionary<string, JsonElement> edits, DateTimeOffset now)
    {
        var reader = new EditReader(edits, now);
        var edited = command switch
        {
            CrmCommand.UpsertContact contact => contact with { Fields = reader.Fields(contact.Fields, OfContact) },
            CrmCommand.UpsertCompany company => company with { Fields = reader.Fields(company.Fields, CustomerFields.OfCompany) },
            CrmCommand.UpsertDeal deal => deal with
            {
                Stage = reader.Line("stage", deal.Stage),
                OwnerEmail = reader.Address("owner_email", deal.OwnerEmail),
                Fields = reader.Fields(deal.Fields, CustomerFields.OfDeal),
            },
            CrmCommand.WriteNote note => note with { Title = reader.Line("title", note.Title), Lines = reader.Lines("lines", note.Lines) },
            CrmCommand.CreateTask task => task with
            {
                Subject = reader.Line("subject", task.Subject),
                Body = reader.Text("body", task.Body),
                DueAt = reader.Instant("due_at", task.DueAt),
                Priority = reader.OneOf("priority", task.Priority, Priorities),
                OwnerEmail = reader.Address("owner_email", task.OwnerEmail),
            },
            CrmCommand.SendMail mail => Mail(mail, reader),
            CrmCommand.PostNotice notice => notice with { Text = reader.Text("text", notice.Text) },
            CrmCommand.DropFile file => file with { FileName = reader.Line("file_name", file.FileName), Content = reader.Text("content", file.Content) },
            _ => command,
        };
        var faults = reader.Faults(PathsOf(command));
        if (faults.Count == 0 && IsSame(command, edited))
            faults = [new EditFault("", "unchanged", "The changes change nothing: approve it as it is.")];
        return new EditedCommand(faults.Count == 0 ? edited : null, faults);
    }

    // Whoever reads HTML would read what was said before.
    private static CrmCommand.SendMail Mail(CrmCommand.SendMail mail, EditReader reader)
    {
        var edited = mail with { Subject = reader.Line("subject", mail.Subject), Text = reader.Text("text", mail.Text) };
        return edited.Text == mail.Text ? edited : edited with { Html = null };
    }

    /// <summary>Whether two commands want the same.</summary>
    public static bool IsSame(CrmCommand one, CrmCommand other) => JsonElement.DeepEquals(
        JsonSerializer.SerializeToElement(one, CoreJson.Default.CrmCommand), JsonSerializer.SerializeToElement(other, CoreJson.Default.CrmCommand));
}
