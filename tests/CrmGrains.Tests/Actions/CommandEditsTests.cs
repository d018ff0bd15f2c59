using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Actions;

public sealed class CommandEditsTests
{
    private static readonly RecordRef Contact = new(CrmObject.Contact, A.CustomerId);

    private static readonly CrmCommand.CreateTask Task = new(
        "call", "Call Ann", "About the quote.", A.Noon.AddDays(1), "medium", "closer@acme.example", [Contact]);

    private static readonly CrmCommand.WriteNote Note = new(A.Noon, "Quote", [new NoteLine("Sum", "99")], [Contact]);

    private static readonly CrmCommand.UpsertContact Upsert = new(
        A.CustomerId, ["ann@example.com"],
        new Dictionary<string, FieldValue>
        {
            ["urgency"] = new FieldValue.Text("high"), ["lead_score"] = new FieldValue.Number(70), ["consent_to_contact"] = new FieldValue.Flag(true),
        });

    [Fact]
    public void What_a_task_says_when_it_is_due_and_who_has_it_can_be_changed_together()
    {
        var edited = Apply(Task, """
            {"subject":"Call Ann at noon","body":"About the quote.\nShe asked twice.","due_at":"2026-01-07T12:00:00+01:00","priority":"high","owner_email":" Other@ACME.example "}
            """);

        Assert.Empty(edited.Faults);
        var task = Assert.IsType<CrmCommand.CreateTask>(edited.Command);
        Assert.Equal(
            Task with
            {
                Subject = "Call Ann at noon", Body = "About the quote.\nShe asked twice.", DueAt = A.Noon.AddDays(2).AddHours(-1), Priority = "high",
                OwnerEmail = "other@acme.example",
            },
            task);
        Assert.Null(Assert.IsType<CrmCommand.CreateTask>(Apply(Task, """{"owner_email":null}""").Command).OwnerEmail);
    }

    [Fact]
    public void A_note_is_written_anew_line_by_line() => Assert.Equal(
        [new NoteLine("Sum", "120"), new NoteLine("For", "Ann")],
        Assert.IsType<CrmCommand.WriteNote>(
            Apply(Note, """{"lines":[{"label":"Sum","text":"120"},{"label":"For","text":"Ann"}]}""").Command).Lines);

    [Fact]
    public void Fields_are_changed_added_and_taken_away_by_name()
    {
        var edited = Assert.IsType<CrmCommand.UpsertContact>(
            Apply(Upsert, """{"fields":{"urgency":"low","lead_score":12.5,"consent_to_contact":null,"pain_summary":"Slow."}}""").Command);

        Assert.Equal(
            new SortedDictionary<string, FieldValue>(StringComparer.Ordinal)
            {
                ["lead_score"] = new FieldValue.Number(12.5m), ["pain_summary"] = new FieldValue.Text("Slow."), ["urgency"] = new FieldValue.Text("low"),
            },
            edited.Fields);
        Assert.Equal(Upsert.Email, edited.Email);
    }

    [Theory]
    [InlineData("""{"on":[]}""", "on")]
    [InlineData("""{"name":"other"}""", "name")]
    [InlineData("""{"Subject":"x"}""", "Subject")]
    public void Whom_a_task_is_for_and_what_it_refers_to_cannot_be_changed(string edits, string path) =>
        Assert.Equal([(path, "not_editable")], FaultsOf(Task, edits));

    [Theory]
    [InlineData("""{"email":["other@example.com"]}""", "email")]
    [InlineData("""{"grain":"acme/customer/c2"}""", "grain")]
    [InlineData("""{"fields":{"email":"other@example.com"}}""", "fields.email")]
    [InlineData("""{"fields":{"password":"x"}}""", "fields.password")]
    public void Whose_contact_it_is_cannot_be_changed_and_no_field_be_made_up(string edits, string path) =>
        Assert.Equal([(path, "not_editable")], FaultsOf(Upsert, edits));

    [Theory]
    [InlineData("""{"subject":""}""", "subject", "missing")]
    [InlineData("""{"subject":7}""", "subject", "wrong_type")]
    [InlineData("""{"subject":null}""", "subject", "wrong_type")]
    [InlineData("""{"subject":"two\nlines"}""", "subject", "not_allowed")]
    [InlineData("""{"body":"a\u0000b"}""", "body", "not_allowed")]
    [InlineData("""{"priority":"urgent"}""", "priority", "not_allowed")]
    [InlineData("""{"due_at":"soon"}""", "due_at", "wrong_type")]
    [InlineData("""{"due_at":"2025-01-05T12:00:00Z"}""", "due_at", "not_allowed")]
    [InlineData("""{"due_at":"2126-01-05T12:00:00Z"}""", "due_at", "not_allowed")]
    [InlineData("""{"owner_email":"nobody"}""", "owner_email", "wrong_type")]
    [InlineData("""{"subject":"Call Ann"}""", "", "unchanged")]
    public void A_value_that_cannot_be_is_named_by_its_path(string edits, string path, string code) =>
        Assert.Equal([(path, code)], FaultsOf(Task, edits));

    [Theory]
    [InlineData("""{"fields":{"lead_score":"many"}}""", "fields.lead_score")]
    [InlineData("""{"fields":{"urgency":1}}""", "fields.urgency")]
    [InlineData("""{"fields":{"consent_to_contact":"yes"}}""", "fields.consent_to_contact")]
    [InlineData("""{"fields":{"utm_source":{}}}""", "fields.utm_source")]
    [InlineData("""{"fields":[]}""", "fields")]
    public void A_field_keeps_its_type(string edits, string path) => Assert.Equal([(path, "wrong_type")], FaultsOf(Upsert, edits));

    [Fact]
    public void Every_fault_is_told_at_once() => Assert.Equal(
        [("subject", "too_long"), ("body", "too_long"), ("priority", "not_allowed"), ("on", "not_editable")],
        FaultsOf(Task, $$"""{"on":1,"priority":1,"subject":"{{new string('x', CommandEdits.MaxLine + 1)}}","body":"{{new string('x', CommandEdits.MaxText + 1)}}"}"""));

    [Fact]
    public void A_mail_is_rewritten_and_goes_to_whom_it_was_for_without_the_old_words_in_html()
    {
        var mail = new CrmCommand.SendMail("mail", "ann@example.com", "Quote", "Hello.", "<p>Hello.</p>", null, "reply");

        Assert.Equal(mail with { Text = "Hello Ann.", Html = null }, Apply(mail, """{"text":"Hello Ann."}""").Command);
        Assert.Equal(mail with { Subject = "Your quote" }, Apply(mail, """{"subject":"Your quote"}""").Command);
        Assert.Equal([("to", "not_editable")], FaultsOf(mail, """{"to":"bob@example.com"}"""));
    }

    [Fact]
    public void A_link_between_records_is_approved_or_rejected_as_it_is()
    {
        var link = new CrmCommand.Associate(Contact, new RecordRef(CrmObject.Company, A.CompanyId));

        Assert.Empty(CommandEdits.PathsOf(link));
        Assert.Equal([("from", "not_editable")], FaultsOf(link, """{"from":1}"""));
    }

    [Fact]
    public void Whatever_is_said_recipient_and_references_stay_and_either_there_is_a_command_or_a_fault() =>
        Prop.ForAll<NonNull<string>, NonNull<string>, int>((path, value, number) =>
        {
            var paths = new[] { "subject", "body", "due_at", "priority", "owner_email", "on", "name", "lines", path.Get };
            var edits = new Dictionary<string, JsonElement>(StringComparer.Ordinal)
            {
                [paths[Math.Abs(number % paths.Length)]] = JsonSerializer.SerializeToElement(value.Get),
                [paths[Math.Abs((number / 7) % paths.Length)]] = JsonSerializer.SerializeToElement(number),
            };
            var edited = CommandEdits.Apply(Task, edits, A.Noon);
            return (edited.Command is null) == (edited.Faults.Count > 0)
                && (edited.Command is not CrmCommand.CreateTask task || (task.Name == Task.Name && task.On.SequenceEqual(Task.On)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_changed_is_told_by_path_with_both_values()
    {
        var edited = Apply(Upsert, """{"fields":{"urgency":"low","consent_to_contact":null}}""").Command ?? Upsert;

        Assert.Equal(
            [new ChangedPath("fields.urgency", "high", "low"), new ChangedPath("fields.consent_to_contact", "true", null)],
            CommandPaths.Changed(Upsert, edited).OrderByDescending(change => change.Path, StringComparer.Ordinal));
    }

    private static IEnumerable<(string Path, string Code)> FaultsOf(CrmCommand command, string edits) =>
        Apply(command, edits).Faults.Select(fault => (fault.Path, fault.Code));

    private static EditedCommand Apply(CrmCommand command, string edits) =>
        CommandEdits.Apply(command, JsonElement.Parse(edits).EnumerateObject().ToDictionary(edit => edit.Name, edit => edit.Value), A.Noon);
}
