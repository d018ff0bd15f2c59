using System.Text.Json;
using CrmGrains.Checker;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;

namespace CrmGrains.Tests.Checker;

/// <summary>
/// What the clean run leaves in the CRM and in the outbox: a contact for each customer, a note for each lead, a company, a deal.
/// </summary>
internal static class CleanCrm
{
    private const string Account = "acme/main";

    private static readonly GrainId Company = GrainId.Of("acme", GrainKind.Company, "example.com");

    public static CrmHistory Crm { get; } = new()
    {
        Records =
        [
            Record("contact", "c1", ("email", "Ann@example.com")),
            Record("contact", "c2", ("email", "bob@example.com")),
            Record("company", "k1", ("domain", "example.com")),
            Record("deal", "d1", ("pipeline", "sales"), ("hs_is_closed", "false")),
            .. Enumerable.Range(1, CleanRun.Leads).Select(Note),
        ],
        Pairs =
        [
            new CrmPair("contact", "c1", "company", "k1"),
            new CrmPair("deal", "d1", "contact", "c1"),
        ],
        Effects = [.. Enumerable.Range(1, CleanRun.Leads).Select(Created)],
    };

    public static IReadOnlyList<CrmLink> Links { get; } =
    [
        new(Account, "contact", CleanRun.Customer(1).ToString(), "c1"),
        new(Account, "contact", CleanRun.Customer(2).ToString(), "c2"),
        new(Account, "company", Company.ToString(), "k1"),
    ];

    public static IReadOnlyList<QueuedEffect> Commands { get; } =
    [
        .. Enumerable.Range(1, CleanRun.Leads).Select(number => Command(Key(number), "note", "write_note", $"n{number}", "{}")),
        Command("e/1/contact/search_then_upsert", "contact", "search_then_upsert", "c1", "{}"),
        Command("e/2/association/connect_contact_company", "association", "connect_contact_company", null, JsonSerializer.Serialize(
            new CrmCommand.Associate(new RecordRef("contact", CleanRun.Customer(1)), new RecordRef("company", Company)),
            CoreJson.Default.CrmCommand)),
    ];

    /// <summary>The effect key of a lead's note.</summary>
    public static string Key(int number) => $"{CleanRun.EventId(number)}/3/note/write_note";

    public static CrmRecord Record(string type, string id, params (string Name, string Value)[] properties) =>
        new(type, id, properties.ToDictionary(property => property.Name, property => property.Value));

    /// <summary>A note that says what it was written for.</summary>
    public static CrmRecord Note(string id, string effectKey) =>
        Record("note", id, ("hs_note_body", $"<p>They said: CrmGrains ref: 1/2/3/4</p><p>CrmGrains ref: {effectKey}</p>"));

    private static CrmRecord Note(int number) => Note($"n{number}", Key(number));

    private static CrmEffect Created(int number) => new(number, "created", "note", $"n{number}", null, null, Note(number).Properties);

    private static QueuedEffect Command(string key, string type, string operation, string? crmId, string body) => new(
        1, "acme", Account, key, null, CleanRun.Customer(1).ToString(), type, operation, "succeeded", crmId, StoredText.Of(body));
}
