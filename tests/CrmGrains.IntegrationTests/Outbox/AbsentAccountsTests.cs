using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using Microsoft.Extensions.Logging.Abstractions;
using static CrmGrains.IntegrationTests.Outbox.OutboxBench;

namespace CrmGrains.IntegrationTests.Outbox;

public sealed class AbsentAccountsTests : IAsyncLifetime
{
    private readonly OutboxBench _bench = new();
    private readonly List<string> _configured = [];

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Commands_of_an_account_that_is_not_configured_go_to_a_person_who_is_told_what_to_configure()
    {
        await _bench.InsertAsync(UpsertContact("ada"), new CrmCommand.PostNotice("team", "Hello", "late"));
        await _bench.ScalarAsync<int>("UPDATE command SET account = 'acme/channel/team' WHERE object = 'notice'");
        using var absent = Absent(TimeSpan.Zero);

        await absent.LookAsync(CancellationToken.None);
        await _bench.StartAsync(() => absent.Current);
        await _bench.AllEndedAsync();

        Assert.Equal(["acme/channel/team", Account], absent.Current.Select(account => account.Name));
        var told = await _bench.ToldAsync();
        Assert.All(told, result => Assert.Equal(("manual_review", "not_configured"), (result.Outcome, result.Error)));
        Assert.Contains("no channel team. Configure it under `channels`", told.Single(result => result.Object == "notice").Detail, StringComparison.Ordinal);
        Assert.Contains("Configure it under `crm`", told.Single(result => result.Object == "contact").Detail, StringComparison.Ordinal);

        await absent.LookAsync(CancellationToken.None);
        Assert.Empty(absent.Current);
    }

    [Fact]
    public async Task A_command_that_is_opened_again_once_its_account_is_configured_is_carried_out()
    {
        await _bench.InsertAsync(UpsertContact("ada"));
        using var absent = Absent(TimeSpan.Zero);
        await absent.LookAsync(CancellationToken.None);
        await _bench.StartAsync(() => absent.Current);
        await _bench.AllEndedAsync();
        _configured.Add(Account);
        await absent.LookAsync(CancellationToken.None);

        var crm = new ScriptedCrm();
        var outbox = await _bench.StartAsync(crm);
        await new OutboxDeadLetters(_bench.Database.DataSource, outbox.Sweep).RetryRefusedAsync("acme", "event-1", CancellationToken.None);
        await _bench.EventuallyAsync("the contact to be written", rows => rows[0].State == "succeeded");

        Assert.Single(crm.Writes);
    }

    [Fact]
    public async Task A_command_that_comes_just_after_its_account_was_configured_waits_for_it()
    {
        await _bench.InsertAsync(UpsertContact("ada"));
        using var absent = Absent(TimeSpan.Zero);
        await absent.LookAsync(CancellationToken.None);
        var standIn = await _bench.StartAsync(() => absent.Current);
        await _bench.AllEndedAsync();
        _configured.Add(Account);

        await _bench.InsertAsync(UpsertContact("bob"));
        standIn.Wake();
        await _bench.EventuallyAsync("the stand-in to have looked at it", rows => rows[1].Error == "not_configured");
        var crm = new ScriptedCrm();
        await absent.LookAsync(CancellationToken.None);
        await _bench.StartAsync(crm);
        await _bench.AllEndedAsync();

        Assert.Equal("event-2", Assert.Single(crm.Writes).EffectKey);
    }

    [Fact]
    public async Task Commands_are_left_alone_while_the_account_may_be_about_to_be_configured_or_is_another_process_business()
    {
        await _bench.InsertAsync(UpsertContact("ada"));
        using (var patient = Absent(TimeSpan.FromHours(1)))
        {
            await patient.LookAsync(CancellationToken.None);
            Assert.Empty(patient.Current);
        }

        using (var stranger = Absent(TimeSpan.Zero, isKnown: false))
        {
            await stranger.LookAsync(CancellationToken.None);
            Assert.Empty(stranger.Current);
        }

        _configured.Add(Account);
        using var absent = Absent(TimeSpan.Zero);
        await absent.LookAsync(CancellationToken.None);
        Assert.Empty(absent.Current);
    }

    private AbsentAccounts Absent(TimeSpan after, bool isKnown = true) => new(
        _bench.Database.DataSource, () => _configured, _ => isKnown, new OutboxOptions { AbsentAfter = after }, TimeProvider.System,
        NullLogger<AbsentAccounts>.Instance);
}
