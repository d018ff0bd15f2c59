using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Connectors;

public sealed class HubSpotMatchTests
{
    private static readonly CrmCommand.UpsertCompany Nordwind = new(
        GrainId.Of("demo", GrainKind.Company, "nordwind.test"), ["nordwind.test", "nordwind-group.test"],
        new Dictionary<string, FieldValue> { ["company_name"] = new FieldValue.Text(" Nordwind  GmbH ") });

    private static readonly CrmCommand.UpsertDeal Audit = new(
        GrainId.Of("demo", GrainKind.Deal, "ada/audit"),
        new RecordRef(CrmObject.Contact, GrainId.Of("demo", GrainKind.Customer, "ada")), null,
        "audit", "qualified", ["new"], ["lost"], null, new Dictionary<string, FieldValue>());

    [Fact]
    public void The_better_reason_wins_in_the_order_key_domain_alias_additional_domain_name()
    {
        CrmRecord[] inOrder =
        [
            Record("1", ("crmgrains_key", "demo/company/nordwind.test"), ("domain", "elsewhere.test")),
            Record("2", ("domain", "WWW.Nordwind.test.")),
            Record("3", ("domain", "nordwind-group.test")),
            Record("4", ("domain", "x.test"), ("hs_additional_domains", "y.test;nordwind.test")),
            Record("5", ("domain", "nordwind.example"), ("name", "NORDWIND GmbH")),
        ];

        for (var skipped = 0; skipped < inOrder.Length; skipped++)
            Assert.Equal($"{skipped + 1}", Assert.Single(Best([.. inOrder.Skip(skipped).Reverse()])).Id);
    }

    [Theory]
    [InlineData("sailing.test", "Nordwind GmbH")]   // the name alone
    [InlineData("nordwind.example", "Nordwind AG")]  // the first label alone
    [InlineData("nordwind.test.evil.example", "x")]  // a domain that only begins like it
    public void A_name_or_a_label_alone_is_no_match(string domain, string name) =>
        Assert.Empty(Best(Record("1", ("domain", domain), ("name", name))));

    [Fact]
    public void Several_of_the_same_rank_are_all_told_and_one_record_found_twice_is_one() =>
        Assert.Equal(["1", "2"], Best(
            Record("1", ("domain", "nordwind.test")), Record("1", ("domain", "nordwind.test")),
            Record("2", ("domain", "nordwind.test"))).Select(record => record.Id));

    [Fact]
    public void An_open_deal_goes_before_a_lost_one_and_a_won_one_is_never_touched()
    {
        var (won, lost, open) = (Deal("1", "won", isClosed: true), Deal("2", "lost", isClosed: true), Deal("3", "new"));

        Assert.Equal(("3", "moved"), Told(DealMatch.Decide(Audit, null, [won, lost, open])));
        Assert.Equal(("2", "reopened"), Told(DealMatch.Decide(Audit, null, [won, lost])));
        Assert.Equal(("demo/deal/ada/audit", "create"), Told(DealMatch.Decide(Audit, null, [won])));
    }

    [Fact]
    public void A_deal_of_another_grain_or_pipeline_is_not_taken()
    {
        var others = Deal("1", "new") with { Properties = With(Deal("1", "new"), "crmgrains_key", "demo/deal/bob/audit") };
        var elsewhere = Deal("2", "new") with { Properties = With(Deal("2", "new"), "pipeline", "default") };

        Assert.IsType<DealPlan.Create>(DealMatch.Decide(Audit, null, [others, elsewhere]));
    }

    [Fact]
    public void Of_several_open_deals_ours_is_the_one_and_without_it_a_person_chooses()
    {
        var ours = Deal("2", "proposal") with { Properties = With(Deal("2", "proposal"), "crmgrains_key", "demo/deal/ada/audit") };

        Assert.Equal(("2", "updated"), Told(DealMatch.Decide(Audit, null, [Deal("1", "new"), ours])));
        Assert.IsType<DealPlan.Choose>(DealMatch.Decide(Audit, null, [Deal("1", "new"), Deal("3", "new")]));
    }

    [Fact]
    public void The_deal_after_one_that_was_won_has_a_key_that_is_the_same_each_time()
    {
        var won = Deal("9", "won", isClosed: true);
        won = won with { Properties = With(won, "crmgrains_key", "demo/deal/ada/audit") };

        Assert.Equal("demo/deal/ada/audit#9", Assert.IsType<DealPlan.Create>(DealMatch.Decide(Audit, won, [won])).Key);
    }

    [Fact]
    public void A_name_is_split_over_the_properties_that_the_map_names()
    {
        Assert.Equal("Ada|", Split("Ada"));
        Assert.Equal("Ada|Lovelace", Split(" Ada   Lovelace"));
        Assert.Equal("Ada|King Lovelace", Split("Ada King Lovelace"));

        static string Split(string name)
        {
            var account = new CrmAccountConfiguration
            {
                Name = "main", Kind = "hubspot", Url = "", Token = "",
                Fields = new Dictionary<string, IReadOnlyDictionary<string, string>>
                {
                    [CrmObject.Contact] = new Dictionary<string, string> { ["full_name"] = "firstname lastname" },
                },
            };
            var properties = new FieldMap(account, CrmObject.Contact).Properties(
                new Dictionary<string, FieldValue> { ["full_name"] = new FieldValue.Text(name), ["phone"] = new FieldValue.Text("1") });
            Assert.DoesNotContain("phone", properties.Keys);
            return $"{properties.GetValueOrDefault("firstname")}|{properties.GetValueOrDefault("lastname")}";
        }
    }

    [Fact]
    public void A_marker_is_found_whatever_the_note_says_and_never_for_another_key() =>
        Prop.ForAll<NonNull<string>, NonNull<string>>((title, text) =>
        {
            var note = new CrmCommand.WriteNote(DateTimeOffset.UnixEpoch, title.Get, [new NoteLine("x", text.Get)], []);
            var body = ActivityText.Of(note, "event-1/5/note/a&b");
            return ActivityText.IsOf(body, "event-1/5/note/a&b") && !ActivityText.IsOf(body, "event-1/5/note/a")
                && !ActivityText.IsOf(body, "event-1/5/note/a&b2")
                && body.Length < 65_536;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_note_that_is_too_long_loses_lines_and_keeps_its_marker()
    {
        var lines = Enumerable.Range(0, 5_000).Select(i => new NoteLine($"{i}", "<<<<<<<<<<<<<<<<<<<<")).ToList();

        var body = ActivityText.Of(new CrmCommand.WriteNote(DateTimeOffset.UnixEpoch, "long", lines, []), "key");

        Assert.InRange(body.Length, 50_000, 65_535);
        Assert.True(ActivityText.IsOf(body, "key"));
    }

    private static IReadOnlyList<CrmRecord> Best(params CrmRecord[] records)
    {
        var match = new CompanyMatch();
        foreach (var record in records)
            match.Add(record);
        return match.Best(Nordwind);
    }

    private static (string, string) Told(DealPlan plan) => plan switch
    {
        DealPlan.Update update => (update.Record.Id, update.Action),
        DealPlan.Create create => (create.Key, "create"),
        _ => ("", plan.GetType().Name),
    };

    private static CrmRecord Deal(string id, string stage, bool isClosed = false) =>
        Record(id, ("pipeline", "audit"), ("dealstage", stage), ("hs_is_closed", isClosed ? "true" : "false"));

    private static CrmRecord Record(string id, params (string Name, string Value)[] properties) =>
        new() { Id = id, Properties = properties.ToDictionary(pair => pair.Name, string? (pair) => pair.Value) };

    private static Dictionary<string, string?> With(CrmRecord record, string name, string value) =>
        new(record.Properties) { [name] = value };
}
