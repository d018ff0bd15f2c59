using CrmGrains.IntegrationTests.Engine;
using CrmGrains.Intake.Drift;

namespace CrmGrains.IntegrationTests.Watch;

public sealed class DriftTests
{
    private const string NoMail = """{"id":"r","at":"2026-01-05T12:00:00Z","person":{"plan":"basic"},"extra":{"size":3}}""";
    private const string Renamed = """{"id":"r","at":"2026-01-05T12:00:00Z","person":{"email":"bea@example.com","plan":"basic"},"extra":{"size":3}}""";
    private const string NewPlan = """{"id":"r","at":"2026-01-05T12:00:00Z","person":{"mail":"ann@example.com","plan":"gold"},"extra":{"size":3}}""";

    [Fact]
    public async Task A_missing_mapped_field_holds_its_deliveries_and_raises_one_alert_while_others_go_on()
    {
        await using var source = await WatchedSource.CreateAsync();
        var silo = source.Silo();
        await source.SendAsync(6);
        await silo.RunAsync();

        var held = await source.SendAsync(3, NoMail);
        var good = await source.SendAsync();
        await silo.RunAsync();

        Assert.Equal(held, await HeldAsync(source));
        Assert.Equal(1L, await source.Cluster.CountAsync("event", $"event_id = '{good}'"));
        Assert.Equal(["held", "held", "held", "drift_found"], await source.OutcomesAsync());
        Assert.Equal(["person.mail missing {absent} 3"], await source.Cluster.Database.ListAsync<string>(
            "SELECT path || ' ' || kind || ' ' || seen::text || ' ' || count FROM drift_alert"));
        Assert.Equal(["drift/form/person.mail/missing schema_drift"], await source.Cluster.Database.ListAsync<string>(
            "SELECT key || ' ' || reason FROM review WHERE closed_at IS NULL"));
    }

    [Fact]
    public async Task Before_enough_is_learned_nothing_is_held()
    {
        await using var source = await WatchedSource.CreateAsync();
        var silo = source.Silo();
        await source.SendAsync(4);
        await source.SendAsync(2, NoMail);

        await silo.RunAsync();

        Assert.Empty(await HeldAsync(source));
    }

    [Fact]
    public async Task A_mended_map_releases_what_was_held_in_the_order_of_arrival_and_once()
    {
        await using var source = await WatchedSource.CreateAsync();
        var (first, second) = (source.Silo(), source.Silo());
        await source.SendAsync(6);
        await first.RunAsync();
        var held = await source.SendAsync(4, Renamed);
        await first.RunAsync();
        Assert.Equal(held, await HeldAsync(source));

        source.Source = source.Source with
        {
            Map = new Dictionary<string, string>(source.Source.Map) { ["contact.email"] = "person.email" },
        };
        await Task.WhenAll(first.Keeper.TickAsync(CancellationToken.None), second.Keeper.TickAsync(CancellationToken.None));
        Assert.Equal(held, await source.Cluster.Database.ListAsync<Guid>(
            "SELECT event_id FROM message WHERE kind = 'delivery_received' ORDER BY id"));
        await first.RunAsync();

        Assert.Empty(await HeldAsync(source));
        Assert.Equal(4L, await source.Cluster.CountAsync("event", "body LIKE '%bea@example.com%'"));
        Assert.Equal("configuration_changed", await source.Cluster.Database.ValueAsync<string>("SELECT resolution FROM review WHERE reason = 'schema_drift'"));
    }

    [Fact]
    public async Task An_accepted_change_releases_its_deliveries_once_even_if_two_accept_it()
    {
        await using var source = await WatchedSource.CreateAsync();
        var silo = source.Silo();
        await source.SendAsync(6);
        await silo.RunAsync();
        var held = await source.SendAsync(3, NoMail);
        await silo.RunAsync();
        var alert = await source.Cluster.Database.ValueAsync<Guid>("SELECT id FROM drift_alert");

        var accepted = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            DriftAlerts.AcceptAsync(source.Cluster.Database, alert, null, CancellationToken.None)));

        Assert.Single(accepted, done => done);
        Assert.Equal(held, await source.Cluster.Database.ListAsync<Guid>(
            "SELECT event_id FROM message WHERE kind = 'delivery_received' ORDER BY id"));
        await silo.RunAsync();
        await source.SendAsync(NoMail);
        await silo.RunAsync();
        Assert.Empty(await HeldAsync(source));
        Assert.Equal("accepted", await source.Cluster.Database.ValueAsync<string>("SELECT resolution FROM review WHERE reason = 'schema_drift'"));
        Assert.Equal(4, (await source.OutcomesAsync()).Count(outcome => outcome == "noted"));
    }

    [Fact]
    public async Task What_one_silo_learned_another_one_holds_by()
    {
        await using var source = await WatchedSource.CreateAsync();
        await source.SendAsync(6);
        await source.Silo().RunAsync();
        var held = await source.SendAsync(NoMail);

        await source.Silo().RunAsync();

        Assert.Equal([held], await HeldAsync(source));
    }

    [Fact]
    public async Task What_two_silos_learn_adds_up()
    {
        await using var source = await WatchedSource.CreateAsync();
        var (first, second) = (source.Silo(learnFrom: 20), source.Silo(learnFrom: 20));
        await source.SendAsync(4);
        await first.Silo.RunUntilIdleAsync();
        await source.SendAsync(3);
        await second.Silo.RunUntilIdleAsync();

        await Task.WhenAll(first.Keeper.TickAsync(CancellationToken.None), second.Keeper.TickAsync(CancellationToken.None));

        Assert.Contains("\"deliveries\":7", await source.Cluster.Database.ValueAsync<string>("SELECT body FROM drift_sketch"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_word_raises_an_alert_and_holds_nothing()
    {
        await using var source = await WatchedSource.CreateAsync();
        var silo = source.Silo();
        await source.SendAsync(25);
        await silo.RunAsync();
        await source.SendAsync(2, NewPlan);
        await silo.RunAsync();

        Assert.Empty(await HeldAsync(source));
        Assert.Equal(["person.plan new_value {gold}"], await source.Cluster.Database.ListAsync<string>(
            "SELECT path || ' ' || kind || ' ' || seen::text FROM drift_alert"));
        Assert.Equal(["drift_found"], await source.OutcomesAsync());
    }

    private static Task<List<Guid>> HeldAsync(WatchedSource source) =>
        source.Cluster.Database.ListAsync<Guid>("SELECT event_id FROM drift_held ORDER BY message_id");
}
