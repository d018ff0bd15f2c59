using System.Diagnostics;
using System.Globalization;
using System.Net;
using CrmGrains.FaultProxy;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>A gateway whose way to PostgreSQL is bad acknowledges what is stored and nothing else.</summary>
public sealed class ProxyGatewayTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_byte_the_connection_breaks_at_only_what_is_stored_is_acknowledged_and_what_is_sent_again_is_a_duplicate()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await using var way = ProxiedPostgres.Before(installation.ConnectionString);
        await installation.StartOnAsync(way.ConnectionString, "gateway");
        for (var warm = 0; warm < 3; warm++)
            await installation.Sender.SendAsync(Lead($"warm{warm}"));

        var random = new Random(3);
        var (refused, storedUntold) = (0, 0);
        for (var number = 0; number < 60; number++)
        {
            var post = Lead($"{number}");
            var direction = number % 2 == 0 ? Direction.ToServer : Direction.ToClient;
            way.Proxy.EndAllAt(new Cut(direction, random.Next(direction == Direction.ToServer ? 2_000 : 90)));

            var reply = await installation.Sender.TryAsync(post);
            var isStored = await StoredAsync(installation, post) == 1;
            Assert.Contains(reply.Status, (HttpStatusCode[])[HttpStatusCode.Accepted, HttpStatusCode.ServiceUnavailable]);
            Assert.True(isStored || reply.Status != HttpStatusCode.Accepted, $"{post.DeliveryId} was acknowledged and isn't stored.");
            refused += reply.Status == HttpStatusCode.Accepted ? 0 : 1;
            storedUntold += isStored && reply.Status != HttpStatusCode.Accepted ? 1 : 0;

            // That attempt may fall to a cut that is left over. What wasn't stored when we looked may have been a moment later: the server
            // finishes what it has begun for a connection that is gone.
            var again = await installation.Sender.TryAsync(post);
            if (again.Status == HttpStatusCode.Accepted && isStored)
                Assert.True(again.Json.GetProperty("duplicate").GetBoolean());
            await installation.Sender.SendAsync(post);
            Assert.Equal(1, await StoredAsync(installation, post));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{refused} of 60 were refused, {storedUntold} of them although they are stored."));
        Assert.True(refused > 10 && storedUntold > 0, "The cuts missed what they were meant for.");
        await installation.StartAsync("silo");
        await installation.QuietAsync();
        var crm = await installation.Crm.ReadAsync();
        crm.HasNoDuplicates();
        Assert.Equal(63, crm.Notes.Count);
    }

    [Theory]
    [InlineData(Direction.ToServer, false)]
    [InlineData(Direction.ToClient, true)]
    public async Task While_the_connection_is_half_open_nothing_is_acknowledged(Direction silent, bool isStored)
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Inbox__Timeout"] = "00:00:01";
        await using var way = ProxiedPostgres.Before(installation.ConnectionString);
        await installation.StartOnAsync(way.ConnectionString, "gateway");
        await installation.Sender.SendAsync(Lead("warm"));

        var nothing = new DirectionFaults { Flow = Flow.Swallow };
        way.Proxy.Faults = silent == Direction.ToServer ? new LinkFaults { ToServer = nothing } : new LinkFaults { ToClient = nothing };
        var began = Stopwatch.GetTimestamp();
        var reply = await installation.Sender.TryAsync(Lead("silent"));
        var took = Stopwatch.GetElapsedTime(began);
        way.Proxy.Faults = LinkFaults.None;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (reply.Status, reply.Code));
        Assert.True(took < TimeSpan.FromSeconds(12), $"The sender was told after {took} only, where a commit may take one second.");
        Assert.Equal(isStored ? 1 : 0, await StoredAsync(installation, Lead("silent")));
        Assert.Equal(isStored, (await installation.Sender.SendAsync(Lead("silent"))).IsDuplicate);
    }

    [Fact]
    public async Task A_host_behind_a_bad_network_does_everything_once()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Outbox__UncertainWait"] = "00:00:01";
        await using var way = ProxiedPostgres.Before(installation.ConnectionString);
        await installation.StartOnAsync(way.ConnectionString);
        way.Proxy.Faults = LinkFaults.Slow(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(4));
        var flood = new Flood(EndToEnd.Leads.Generate(seed: 21, count: 80, people: 30, companies: 8, repeated: 20, invalid: 10));
        var random = new Random(5);

        await flood.SendAsync(new Sender(() => installation.Host.Url, atOnce: 4), accepted =>
        {
            if (accepted % 4 == 0 && way.Proxy.Connections is { Count: > 0 } connections)
                connections[random.Next(connections.Count)].EndAt(
                    new Cut(accepted % 8 == 0 ? Direction.ToServer : Direction.ToClient, random.Next(3_000)) { Ending = Ending.Reset });
        });
        await installation.QuietAsync();

        // Cuts that weren't reached yet would meet the questions that follow.
        way.Proxy.Faults = LinkFaults.None;
        way.Proxy.EndAllAt(new Cut(Direction.ToServer, int.MaxValue));
        way.Proxy.EndAllAt(new Cut(Direction.ToClient, int.MaxValue));
        output.WriteLine($"{way.Proxy.Accepted} connections were made.");
        await flood.IsCarriedOutAsync(installation, installation.Database);
    }

    private static Post Lead(string number) => A.Lead.With(
        $"msg_{number}", ("submission_id", $"diag_{number}"), ("fields.pain", $"Number {number}."));

    private static Task<long> StoredAsync(Installation installation, Post post) =>
        installation.Database.ValueAsync<long>("SELECT count(*) FROM raw_event WHERE delivery_id = $1", post.DeliveryId);
}
