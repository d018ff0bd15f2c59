using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Companies;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Core.Undo;

namespace CrmGrains.Tests.Grains;

/// <summary>Rows hold these names: one that is read under another orphans what was stored.</summary>
public sealed class StoredNamesTests
{
    private const string MarkJson = """{"occurred_at":"2026-01-05T12:00:00+00:00","rank":0,"event_id":"00000001-0000-0000-0000-000000000000"}""";

    private static readonly RecordRef Contact = new(CrmObject.Contact, A.CustomerId);

    private static readonly Dictionary<string, FieldValue> Values = new()
    {
        ["a"] = new FieldValue.Text("x"), ["b"] = new FieldValue.Number(1.50m), ["c"] = new FieldValue.Flag(true), ["d"] = new FieldValue.Many(["p", "q"]),
    };

    private static readonly CommandResult Result = new()
    {
        EffectKey = "k", Object = "deal", Outcome = "succeeded", Action = "created", CrmId = "1", OwnerStatus = "active", Attempts = 2,
    };

    public static TheoryData<Message, string> Messages { get; } = new()
    {
        {
            new Message.EventReceived(new IdentityMatch("email", 0.5, ["email"]), new Validation { EmailValid = true }),
            """{"message":"event_received","match":{"by":"email","confidence":0.5,"evidence":["email"]},"validation":{"email_valid":true,"faults":[],"status":"passed"}}"""
        },
        {
            new Message.PersonSeen(A.CustomerId, new CompanyFacts { Name = "N", Domain = "d.com" }, A.Mark(0)),
            """{"message":"person_seen","customer":"acme/customer/c1","company":{"name":"N","domain":"d.com"},"mark":""" + MarkJson + "}"
        },
        {
            new Message.DealWanted(
                A.CustomerId, A.CompanyId, "sales", "closer", new Dictionary<string, Field> { ["urgency"] = new(new FieldValue.Text("high"), A.Mark(0)) }, A.Mark(0)),
            """{"message":"deal_wanted","customer":"acme/customer/c1","company":"acme/company/example.com","pipeline":"sales","owner_role":"closer","fields":{"urgency":["high","2026-01-05T12:00:00+00:00",0,"00000001-0000-0000-0000-000000000000"]},"mark":"""
                + MarkJson + "}"
        },
        {
            new Message.CustomerMerged(A.Id(1), A.CustomerId, "person"),
            """{"message":"customer_merged","merge":"00000001-0000-0000-0000-000000000000","into":"acme/customer/c1","reason":"person"}"""
        },
        {
            new Message.CustomerAbsorbed(A.Id(1), A.CustomerId, new CustomerShare { Emails = ["a@b.c"], Deals = new Dictionary<string, string> { ["p"] = "c2" } }),
            """{"message":"customer_absorbed","merge":"00000001-0000-0000-0000-000000000000","from":"acme/customer/c1","share":{"fields":{},"emails":["a@b.c"],"companies":[],"pipelines":[],"tasks":[],"is_contact_wanted":false,"deals":{"p":"c2"}}}"""
        },
        { new Message.MergeUndone(A.Id(1)), """{"message":"merge_undone","merge":"00000001-0000-0000-0000-000000000000"}""" },
        {
            new Message.CustomerReleased(A.Id(1), A.CustomerId),
            """{"message":"customer_released","merge":"00000001-0000-0000-0000-000000000000","from":"acme/customer/c1"}"""
        },
        {
            new Message.CustomerChanged(A.CustomerId, [A.CompanyId], new Dictionary<string, Field>()),
            """{"message":"customer_changed","customer":"acme/customer/c1","companies":["acme/company/example.com"],"fields":{}}"""
        },
        {
            new Message.CommandCompleted(Result),
            """{"message":"command_completed","result":{"effect_key":"k","object":"deal","outcome":"succeeded","action":"created","crm_id":"1","owner_status":"active","attempts":2}}"""
        },
        {
            new Message.ReviewAnswered(
                A.Id(1), Answer.Rejected,
                new Proposal
                {
                    Key = "k", EventId = A.Id(2), Step = 3, From = "p", Name = "n", Type = "add_note", Tier = RiskTier.Low, Reason = "r", ProposedAt = A.Noon,
                    DueAt = A.Noon, ExpiresAt = A.Noon, Command = new CrmCommand.WriteNote(A.Noon, "t", [], []),
                },
                ["somebody"]),
            """{"message":"review_answered","review":"00000001-0000-0000-0000-000000000000","answer":"rejected","proposal":{"key":"k","event_id":"00000002-0000-0000-0000-000000000000","step":3,"from":"p","name":"n","type":"add_note","tier":"low","command":{"command":"write_note","at":"2026-01-05T12:00:00+00:00","title":"t","lines":[],"on":[]},"reason":"r","saw":{},"context":{},"questions":[],"gates":[],"four_eyes":false,"proposed_at":"2026-01-05T12:00:00+00:00","due_at":"2026-01-05T12:00:00+00:00","expires_at":"2026-01-05T12:00:00+00:00","round":1},"by":["somebody"]}"""
        },
        {
            new Message.UndoWanted(A.Id(1), [
                new UndoneCommand
                {
                    Id = 7, EffectKey = "k", Object = "association", LinkedTo = Contact, Before = new RecordImage { IsThere = false },
                    After = new RecordImage { IsThere = true, Links = ["contact:1", "company:2"] },
                },
            ], "somebody"),
            """{"message":"undo_wanted","undo":"00000001-0000-0000-0000-000000000000","commands":[{"id":7,"effect_key":"k","object":"association","linked_to":{"object":"contact","grain":"acme/customer/c1","required":true},"before":{"is_there":false,"fields":[]},"after":{"is_there":true,"fields":[],"links":["contact:1","company:2"]},"going_too":[]}],"by":"somebody"}"""
        },
        {
            new Message.AutonomyGranted("set_owner", "somebody", 60, 59),
            """{"message":"autonomy_granted","action":"set_owner","by":"somebody","decided":60,"accepted":59}"""
        },
        { new Message.AutonomyRevoked("set_owner", "w"), """{"message":"autonomy_revoked","action":"set_owner","why":"w"}""" },
        { new Message.TimerFired("dunning", A.Noon), """{"message":"timer_fired","timer":"dunning","due_at":"2026-01-05T12:00:00+00:00"}""" },
    };

    public static TheoryData<CrmCommand, string> Commands { get; } = new()
    {
        {
            new CrmCommand.UpsertContact(A.CustomerId, ["a@b.c"], Values),
            """{"command":"upsert_contact","grain":"acme/customer/c1","email":["a@b.c"],"fields":{"a":"x","b":1.50,"c":true,"d":["p","q"]}}"""
        },
        {
            new CrmCommand.UpsertCompany(A.CompanyId, ["d.com"], Values),
            """{"command":"upsert_company","grain":"acme/company/example.com","domains":["d.com"],"fields":{"a":"x","b":1.50,"c":true,"d":["p","q"]}}"""
        },
        {
            new CrmCommand.UpsertDeal(A.DealId, Contact, null, "p", "s", ["m"], ["r"], "o@b.c", new Dictionary<string, FieldValue>()),
            """{"command":"upsert_deal","grain":"acme/deal/c1/sales","contact":{"object":"contact","grain":"acme/customer/c1","required":true},"pipeline":"p","stage":"s","move_from":["m"],"reopen_from":["r"],"owner_email":"o@b.c","fields":{}}"""
        },
        {
            new CrmCommand.Associate(Contact, Contact with { Required = false }),
            """{"command":"associate","from":{"object":"contact","grain":"acme/customer/c1","required":true},"to":{"object":"contact","grain":"acme/customer/c1","required":false}}"""
        },
        {
            new CrmCommand.WriteNote(A.Noon, "t", [new NoteLine("l", "x")], [Contact]),
            """{"command":"write_note","at":"2026-01-05T12:00:00+00:00","title":"t","lines":[{"label":"l","text":"x"}],"on":[{"object":"contact","grain":"acme/customer/c1","required":true}]}"""
        },
        {
            new CrmCommand.CreateTask("n", "s", "b", A.Noon, "low", null, [Contact]),
            """{"command":"create_task","name":"n","subject":"s","body":"b","due_at":"2026-01-05T12:00:00+00:00","priority":"low","on":[{"object":"contact","grain":"acme/customer/c1","required":true}]}"""
        },
        {
            new CrmCommand.Revert(
                "contact", "k", 7, A.CustomerId, "1",
                new RecordImage { IsThere = true, Fields = [new FieldImage("full_name", "firstname", "Ada")] }, new RecordImage { IsThere = true }, ["note:3"]),
            """{"command":"revert","of":"contact","target":"k","target_id":7,"grain":"acme/customer/c1","crm_id":"1","before":{"is_there":true,"fields":[{"name":"full_name","property":"firstname","value":"Ada"}]},"after":{"is_there":true,"fields":[]},"going_too":["note:3"]}"""
        },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_stored_under_names_that_stay(Message message, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(message, CoreJson.Default.Message));
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, CoreJson.Default.Message), CoreJson.Default.Message));
        Assert.Contains($"\"message\":\"{message.Name}\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_is_stored_under_names_that_stay(CrmCommand command, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(command, CoreJson.Default.CrmCommand));
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, CoreJson.Default.CrmCommand), CoreJson.Default.CrmCommand));
    }

    [Fact]
    public void Every_case_of_a_message_and_of_a_command_is_pinned()
    {
        Assert.Equal(typeof(Message).GetNestedTypes().Length, Messages.Count);
        Assert.Equal(typeof(CrmCommand).GetNestedTypes().Length, Commands.Count);
    }

    [Fact]
    public void States_are_read_as_they_were_written()
    {
        var fields = new Dictionary<string, Field> { ["a"] = new(new FieldValue.Many(["x"]), A.Mark(3, 2, 1)) };
        var customer = new CustomerState
        {
            Fields = fields, Emails = ["a@b.c"], Companies = ["d.com"], Pipelines = ["p"], Tasks = ["t"], IsContactWanted = true, ContactId = "1", Events = 4,
        };
        var company = new CompanyState { Fields = fields, IsCompanyWanted = true, CompanyId = "2", Seen = 3 };
        var deal = new DealState { Fields = fields, IsDealWanted = true, Companies = ["d.com"], DealId = "3" };

        const string Field = """{"a":[["x"],"2026-01-05T12:03:00+00:00",2,"00000001-0000-0000-0000-000000000000"]}""";
        AssertStored(customer, CoreJson.Default.CustomerState, $$"""
            {"fields":{{Field}},"emails":["a@b.c"],"companies":["d.com"],"pipelines":["p"],"tasks":["t"],"is_contact_wanted":true,"contact_id":"1","events":4}
            """);
        AssertStored(company, CoreJson.Default.CompanyState, $$"""{"fields":{{Field}},"is_company_wanted":true,"company_id":"2","seen":3}""");
        AssertStored(deal, CoreJson.Default.DealState, $$"""{"fields":{{Field}},"is_deal_wanted":true,"companies":["d.com"],"deal_id":"3"}""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"message":"unheard_of"}""")]
    [InlineData("""{"message":"person_seen","customer":"no id"}""")]
    public void What_is_no_message_is_refused(string json) =>
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize(json, CoreJson.Default.Message));

    private static void AssertStored<T>(T state, JsonTypeInfo<T> type, string json)
    {
        Assert.Equal(json, JsonSerializer.Serialize(state, type));
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<T>(json, type) ?? throw new JsonException(), type));
    }
}
