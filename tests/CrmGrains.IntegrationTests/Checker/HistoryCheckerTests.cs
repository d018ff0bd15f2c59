using CrmGrains.Checker;
using CrmGrains.IntegrationTests.EndToEnd;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Checker;

/// <summary>The checker on what real processes leave in a real database.</summary>
public sealed class HistoryCheckerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_run_with_a_crm_that_fails_keeps_all_laws_and_each_damage_of_its_rows_is_found()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        await installation.Crm.FailSometimesAsync(0.05);
        var leads = Leads.Generate(seed: 11, count: 200, people: 40, companies: 10, repeated: 20, invalid: 5);
        var run = new RecordedRun(installation);

        await run.SendAsync(leads);
        await installation.QuietAsync();
        await installation.Process.StopAsync();

        var clean = await run.CheckAsync();
        output.WriteLine(clean.ToString());
        Assert.True(clean.IsClean, clean.ToString());
        Assert.Equal(leads.DistinctBy(lead => lead.Post.DeliveryId).Count(), clean.Acknowledged);
        Assert.True(clean.Folded > 60, $"Only {clean.Folded} states were folded.");

        await Damage.DisarmAsync(installation.Database);
        foreach (var damage in Damage.All)
        {
            var report = await damage.PlantAsync(installation.Database, () => run.CheckAsync());
            Assert.True(
                report.Violations.Any(violation => violation.Kind == damage.Found), $"{damage.Found} was missed after {damage.Sql}: {report}");
        }

        Assert.True((await run.CheckAsync()).IsClean, "The damages weren't put back.");
    }

    [Fact]
    public async Task A_run_that_is_cut_keeps_the_laws_beside_hosts_that_go_on()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync("silo");
        await installation.StartAsync();  // the last one started is the one that deliveries are sent to
        var run = new RecordedRun(installation);
        var sending = run.SendAsync(Leads.Generate(seed: 12, count: 300, people: 30, companies: 10, repeated: 20));

        while (!sending.IsCompleted)
        {
            var report = await run.CheckAsync(isDrained: false);
            Assert.True(report.IsClean, report.ToString());
        }

        await sending;
        await installation.QuietAsync();
        var end = await run.CheckAsync();
        Assert.True(end.IsClean, end.ToString());
    }

    [Fact]
    public async Task What_the_crm_did_twice_or_not_at_all_is_found_in_the_crm_itself()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        var run = new RecordedRun(installation);
        await run.SendAsync(Leads.Generate(seed: 13, count: 5, people: 2, companies: 1));
        await installation.QuietAsync();
        Assert.True((await run.CheckAsync()).IsClean, "The run should be clean before it is damaged.");
        var crm = await installation.Crm.ReadAsync();

        await installation.Crm.CreateAsync("companies", new { name = "Again", domain = crm.Companies[0]["domain"] });
        await installation.Crm.CreateAsync("notes", new { hs_timestamp = "2026-11-20", hs_note_body = crm.Notes[0]["hs_note_body"] });
        await installation.Crm.ArchiveAsync("notes", crm.Notes[1].Id);

        var report = await run.CheckAsync();
        var doubled = report.Violations.Where(one => one.Kind == ViolationKind.DoubledEffect).Select(one => one.Subject).ToList();
        Assert.Contains("company company0.test", doubled);
        Assert.Contains($"note {Of(crm.Notes[0])}", doubled);
        Assert.Equal(
            $"command {Of(crm.Notes[1])}", Assert.Single(report.Violations, one => one.Kind == ViolationKind.MissingEffect).Subject);
    }

    private static string Of(CrmRow note) => (note["hs_note_body"] ?? "").Split("CrmGrains ref: ")[^1].Split('<')[0];
}
