using System.Globalization;
using CrmGrains.IntegrationTests.Engine;

namespace CrmGrains.IntegrationTests.Identity;

public sealed class RacingPairsTests
{
    // CRMGRAINS_RACING_PAIRS=10000 is what the promise says; a tenth of a minute's worth runs always.
    private static readonly int Pairs = int.TryParse(
        Environment.GetEnvironmentVariable("CRMGRAINS_RACING_PAIRS"), CultureInfo.InvariantCulture, out var pairs) ? pairs : 500;

    [Fact]
    public async Task Two_events_of_one_person_that_race_through_different_queues_and_silos_make_one_customer()
    {
        await using var cluster = await IntakeCluster.CreateAsync();
        var silos = Enumerable.Range(0, 3).Select(_ => cluster.Silo()).ToList();
        var random = new Random(4);
        var deliveries = Enumerable.Range(0, Pairs).SelectMany(Pair).ToArray();
        random.Shuffle(deliveries);

        foreach (var silo in silos)
            await silo.StartAsync();
        foreach (var some in deliveries.Chunk(250))
        {
            await cluster.DeliverAsync(some);
            silos.ForEach(silo => silo.Wakeups.MailboxesFilled());
        }

        await Eventually.HoldsAsync("empty mailboxes", async () => await cluster.Database.ValueAsync<long>("SELECT count(*) FROM message") == 0);

        Assert.Equal(Pairs, await cluster.Database.ValueAsync<long>("SELECT count(DISTINCT customer) FROM identity"));
        Assert.Equal(Pairs, await cluster.Database.ValueAsync<long>("SELECT count(*) FROM grain WHERE grain LIKE 'acme/customer/%'"));
        Assert.Equal(Pairs, await cluster.Database.ValueAsync<long>("""
            SELECT count(*) FROM (
                SELECT grain FROM ledger WHERE kind = 'event_received' AND outcome <> 'dead_lettered' GROUP BY grain HAVING count(*) = 2) both_events
            """));
        Assert.Equal(0, await cluster.Database.ValueAsync<long>("SELECT count(*) FROM review"));
        Assert.Equal(0, await cluster.Database.ValueAsync<long>("SELECT count(*) FROM dead_letter"));
    }

    // By address, by one address written in two ways, by a domain's alias, by an id that only one of them joins to an address, by phone.
    private static IEnumerable<(int Source, Dictionary<string, object> Event)> Pair(int number)
    {
        var (one, other) = (number % 5) switch
        {
            0 => (Event("email", $"ann{number}@example.com", "name", "Ann"), Event("email", $"Ann{number}@Example.com", "shop_id", $"s{number}")),
            1 => (Event("email", $"a.nn{number}+news@gmail.com"), Event("email", $"ann{number}@googlemail.com", "phone", Phone(number))),
            2 => (Event("email", $"ann{number}@old.example"), Event("email", $"ann{number}@new.example")),
            3 => (Event("email", $"ann{number}@example.com", "shop_id", $"s{number}"), Event("shop_id", $"s{number}", "phone", Phone(number))),
            _ => (Event("phone", Phone(number), "name", "Ann"), Event("phone", Phone(number))),
        };
        return [(number % IntakeCluster.Sources, one), ((number + 1 + (number / 8 % 7)) % IntakeCluster.Sources, other)];
    }

    private static string Phone(int number) => $"+4930{number + 1_000_000}";

    private static Dictionary<string, object> Event(params string[] parts) =>
        parts.Chunk(2).ToDictionary(part => part[0], object (part) => part[1]);
}
