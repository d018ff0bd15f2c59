using System.Reflection;
using CrmGrains.Core.Faults;
using CrmGrains.IntegrationTests.Databases;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;
using Leads = CrmGrains.IntegrationTests.EndToEnd.Leads;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>
/// A process dies at a named point, is started again, and the result is the same: what was acknowledged is done, and done once.
/// </summary>
public sealed class CrashPointTests(ITestOutputHelper output)
{
    // 128 and SIGKILL.
    private const int Killed = 137;

    private static readonly string[] OfMigrations = [CrashPoint.MigrationBeforeCommit, CrashPoint.MigrationAfterCommit];

    // Passed once in the life of a process, when it takes over what another one has left: that other one has to die first.
    private static readonly string[] OfTakingOver = [CrashPoint.OutboxBeforeTakeOver, CrashPoint.OutboxAfterTakeOver];

    public static TheoryData<string> Points => [.. CrashPoint.All.Except(OfMigrations)];

    public static TheoryData<string> RepeatedPoints => [.. CrashPoint.All.Except(OfMigrations).Except(OfTakingOver)];

    public static TheoryData<string> Calls => [.. Enumerable.Range(2, 9).Select(passing => $"{CrashPoint.CrmAfterCall}:{passing}")];

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_process_that_dies_there_loses_nothing_and_repeats_nothing(string point) =>
        CrashesAsync(OfTakingOver.Contains(point) ? [CrashPoint.CrmAfterCall, point] : [point]);

    // Each call in turn, for only some of them make what can be made twice: a note, a task.
    [Theory]
    [MemberData(nameof(Calls))]
    [Trait("Category", "Long")]
    public Task Neither_does_one_that_dies_after_any_of_its_calls(string point) => CrashesAsync([point]);

    [Theory]
    [MemberData(nameof(RepeatedPoints))]
    [Trait("Category", "Long")]
    public Task Neither_does_one_that_dies_there_later(string point) => CrashesAsync([$"{point}:3"]);

    [Theory]
    [MemberData(nameof(RepeatedPoints))]
    [Trait("Category", "Long")]
    public Task Neither_do_several_that_die_there_one_after_the_other(string point) => CrashesAsync([point, point, $"{point}:2"]);

    [Theory]
    [InlineData(CrashPoint.MigrationBeforeCommit + ":2")]
    [InlineData(CrashPoint.MigrationAfterCommit)]
    public async Task A_process_that_dies_while_it_migrates_leaves_a_schema_that_the_next_one_completes(string point)
    {
        await using var empty = await TestDatabase.CreateEmptyAsync();
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment[CrashPoint.Variable] = point;

        var died = await installation.RunAsync(
            "serve", "--urls", "http://127.0.0.1:0", "--postgres", empty.ConnectionString, "--workspaces", installation.Workspaces.Folder);
        installation.Environment.Remove(CrashPoint.Variable);

        Assert.Equal((Killed, 1L), (died.ExitCode, await empty.DataSource.ValueAsync<long>("SELECT count(*) FROM schema_migration")));
        await installation.StartOnAsync(empty.ConnectionString);
        await installation.Sender.SendAsync(A.Lead);
        await installation.QuietAsync(empty.DataSource);
        Assert.Single((await installation.Crm.ReadAsync()).Notes);
    }

    [Theory]
    [InlineData("batch.nowhere")]
    [InlineData("batch.after_pop:0")]
    [InlineData("batch.after_pop:often")]
    public async Task A_process_that_is_armed_with_no_crash_point_refuses_to_start_and_names_them_all(string point)
    {
        var refused = await BuiltProgram.RunAsync(new Dictionary<string, string> { [CrashPoint.Variable] = point }, "serve");

        Assert.Equal(1, refused.ExitCode);
        Assert.All(CrashPoint.All.Append(point), name => Assert.Contains(name, refused.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void The_list_of_points_is_whole() => Assert.Equal(
        typeof(CrashPoint).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.Name != nameof(CrashPoint.Variable))
            .Select(field => (string?)field.GetRawConstantValue())
            .Order(StringComparer.Ordinal),
        CrashPoint.All.Order(StringComparer.Ordinal));

    private async Task CrashesAsync(string[] points)
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            // The sandbox is quick, so nothing that a dead process had sent is still on its way a second later.
            ["CRMGRAINS__Outbox__UncertainWait"] = "00:00:01",
            ["CRMGRAINS__Outbox__PollInterval"] = "00:00:00.100",
        })
            installation.Environment[name] = value;

        // Few at once, so that there are several commits. Some come twice, as a source sends what it has no answer for.
        var sender = new Sender(() => installation.Hosts.Last(host => host.Url.Length > 0).Url, atOnce: 2);
        var flood = new Flood(Leads.Generate(seed: points.Length, count: 14, people: 5, companies: 3, repeated: 40, invalid: 10));
        var sending = Task.CompletedTask;
        foreach (var point in points)
        {
            installation.Environment[CrashPoint.Variable] = point;
            var host = installation.Launch();
            if (await host.ServesAsync() && sending == Task.CompletedTask)
                sending = flood.SendAsync(sender);
            Assert.Equal(Killed, await host.EndsAsync(point));
            Assert.Contains(host.Log, line => line.Contains($"Crashing at {point}.", StringComparison.Ordinal));
        }

        installation.Environment.Remove(CrashPoint.Variable);
        await installation.StartAsync();
        if (sending == Task.CompletedTask)
            sending = flood.SendAsync(sender);
        await sending;
        await installation.QuietAsync();

        await flood.IsCarriedOutAsync(installation, installation.Database);
        await installation.Process.KillAsync();
    }
}
