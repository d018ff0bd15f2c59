using System.Text.Json;
using CrmGrains.Host.Reviews;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Reviews;

/// <summary>
/// People, the clock, new facts, merges and restarts in any order, beside a model that knows only which answers were taken. For each proposal
/// there is at most one command: exactly one where the last answer was to do it and nothing it rests on had moved, none else.
/// </summary>
public sealed class ReviewModelTests(ITestOutputHelper output)
{
    private const int Steps = 70;

    private static readonly string[] People = ["ann", "bob", "carl"];
    private static readonly string[] Customers = ["c0@example.com", "c1@example.com", "c2@example.com", "c3@example.com"];
    private static readonly string[] Verbs =
        [Verb.Approve, Verb.Approve, Verb.Approve, Verb.Edit, Verb.Reject, Verb.Ask, Verb.Reply, Verb.Snooze, Verb.Assign, Verb.Escalate];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_people_say_in_whatever_order_each_proposal_is_done_at_most_once_and_only_if_it_was_agreed_to_as_it_was_seen(int seed)
    {
        await using var cluster = await ReviewCluster.CreateAsync();
        var run = new Run(cluster, new Random(seed));
        for (var step = 0; step < Steps; step++)
            await run.StepAsync();
        await cluster.Silo.RunUntilIdleAsync();

        output.WriteLine(run.ToString());
        await run.HoldsAsync();
    }

    private sealed class Run(ReviewCluster cluster, Random random)
    {
        private readonly List<Guid> _events = [];

        // The answers that closed an item, by the item; what the desk said, not what is stored.
        private readonly Dictionary<Guid, (string Answer, string By)> _closed = [];
        private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
        private int _phone;

        public async Task StepAsync()
        {
            switch (random.Next(20))
            {
                case 0 or 1 or 2:
                    await ProposeAsync();
                    break;
                case 3 or 4:
                    Count("moved");
                    await cluster.Intake.DeliverAsync(0, ("email", One(Customers)), ("phone", $"+49301112{_phone++:000}"));
                    break;
                case 5:
                    Count("renamed");
                    await cluster.Intake.DeliverAsync(0, ("email", One(Customers)), ("name", $"Name {random.Next(1000)}"));
                    break;
                case 6:
                    Count("restarted");
                    await cluster.RestartAsync();
                    break;
                case 7 when random.Next(3) == 0:
                    await MergeAsync();
                    break;
                case 8 or 9:
                    await RaceAsync();
                    break;
                case 10:
                    await ExpireAsync();
                    break;
                case 11 or 12 or 13:
                    await cluster.Silo.RunUntilIdleAsync();
                    break;
                default:
                    await SayAsync(await ItemAsync(), One(People), One(Verbs), isStale: random.Next(6) == 0);
                    break;
            }
        }

        public async Task HoldsAsync()
        {
            var database = cluster.Intake.Database;
            Assert.Equal(0, await database.ValueAsync<long>("SELECT count(*) FROM dead_letter"));
            Assert.Equal(0, await database.ValueAsync<long>("SELECT count(*) FROM message"));

            // Every answer that was taken is the item's, and no item has another.
            Assert.Equal(
                _closed.Select(closed => $"{closed.Key} {closed.Value.Answer} {closed.Value.By}").Order(StringComparer.Ordinal),
                (await database.ListAsync<string>("SELECT id || ' ' || answer || ' ' || answered_by FROM review WHERE answer IS NOT NULL AND proposal IS NOT NULL"))
                    .Order(StringComparer.Ordinal));
            // Every answer is in the ledger.
            Assert.Equal(
                _closed.Keys.Order(),
                (await database.ListAsync<Guid>("SELECT DISTINCT (detail::jsonb -> 'decision' ->> 'review')::uuid FROM ledger WHERE kind = 'review_answered'")).Order());
            // Only what a proposal rests on brings it back.
            Assert.All(
                await database.ListAsync<string>("SELECT proposal FROM review WHERE round > 1"),
                proposal => Assert.Equal(
                    ["customer.phone"], JsonElement.Parse(proposal).GetProperty("moved").EnumerateArray().Select(moved => moved.GetProperty("fact").GetString())));
            foreach (var eventId in _events)
                await HoldsAsync(eventId);
        }

        private async Task HoldsAsync(Guid eventId)
        {
            var database = cluster.Intake.Database;
            var rounds = await database.ListAsync<string>(
                "SELECT coalesce(answer, 'open') || ' ' || coalesce(instead, '-') FROM review WHERE event_id = $1 AND proposal IS NOT NULL ORDER BY round", eventId);
            var commands = await cluster.CommandsAsync(eventId);
            var last = rounds.Count == 0 ? "none" : rounds[^1];
            var isDone = last.StartsWith("approved ", StringComparison.Ordinal) || last.StartsWith("edited ", StringComparison.Ordinal);
            Assert.True(commands.Count == (isDone ? 1 : 0), $"Event {eventId} with rounds [{string.Join("; ", rounds)}] has {commands.Count} commands.");
            if (last.StartsWith("edited ", StringComparison.Ordinal))
                Assert.True(JsonElement.DeepEquals(JsonElement.Parse(last["edited ".Length..]), JsonElement.Parse(commands[0])));
            // Of two who must agree two did.
            Assert.Equal(0, await database.ValueAsync<long>(
                "SELECT count(*) FROM review WHERE event_id = $1 AND action = 'add_note' AND answer IN ('approved', 'edited') AND (approved_by IS NULL OR approved_by = answered_by)", eventId));
        }

        private async Task ProposeAsync()
        {
            Count("proposed");
            _events.Add(await cluster.SayAsync(random.Next(3) == 0 ? "custom.signed" : "custom.asked", One(Customers)));
        }

        private async Task MergeAsync()
        {
            await cluster.Silo.RunUntilIdleAsync();
            var customers = await cluster.Intake.Database.ListAsync<string>("SELECT DISTINCT customer FROM identity ORDER BY customer");
            if (customers.Count < 2)
                return;
            Count("merged");
            await cluster.Intake.MergeAsync(customers[0], customers[1]);
        }

        // Two people, each certain to be first.
        private async Task RaceAsync()
        {
            if (await ItemAsync() is not { IsClosed: false, IsExpired: false } item)
                return;
            Count("raced");
            var outcomes = await Task.WhenAll(
                cluster.AnswerAsync(item.Id, Verb.Approve, AnswerOf(item.Version), "dora"), cluster.AnswerAsync(item.Id, Verb.Reject, AnswerOf(item.Version), "emil"));
            Took(Assert.Single(outcomes.OfType<ReviewOutcome.Taken>()));
            Assert.Contains(Assert.Single(outcomes.OfType<ReviewOutcome.Refused>()).Problem.Code, (string[])["answered", "stale_version", "four_eyes"]);
        }

        // The end of its time, at the moment of somebody's answer.
        private async Task ExpireAsync()
        {
            if (await ItemAsync() is not { IsClosed: false } item)
                return;
            Count("expired");
            var saying = cluster.AnswerAsync(item.Id, Verb.Approve, AnswerOf(item.Version), One(People));
            await cluster.Intake.Database.ExecuteAsync("UPDATE review SET expires_at = now() WHERE id = $1 AND closed_at IS NULL", item.Id);
            await Task.WhenAll(saying, cluster.Clock.RunAsync(CancellationToken.None));
            await cluster.Clock.RunAsync(CancellationToken.None);
            if (await saying is ReviewOutcome.Taken taken)
                Took(taken);
            if (await cluster.RowAsync(item.Id) is { Answer: "expired" })
                _closed[item.Id] = ("expired", "");
        }

        private async Task SayAsync(ReviewRow? item, string by, string verb, bool isStale)
        {
            if (item is null)
                return;
            var version = isStale ? item.Version - 1 : item.Version;
            switch (await cluster.AnswerAsync(item.Id, verb, AnswerOf(version) with { Until = new DateTimeOffset(item.Now).AddHours(1) }, by))
            {
                case ReviewOutcome.Taken taken:
                    Count(verb);
                    // What is said again counts once.
                    if (!item.IsClosed)
                        Took(taken);
                    break;
                case ReviewOutcome.Refused refused:
                    Count(refused.Problem.Code);
                    break;
            }
        }

        private ReviewAnswer AnswerOf(int version) => new()
        {
            Version = version,
            Reason = "Because.",
            Text = "Text.",
            Assignee = One(People),
            Edits = new Dictionary<string, JsonElement>
            {
                [random.Next(2) == 0 ? "subject" : "title"] = JsonSerializer.SerializeToElement($"Said {random.Next(1000)}"),
            },
        };

        private async Task<ReviewRow?> ItemAsync()
        {
            var items = await cluster.Intake.Database.ListAsync<Guid>(
                "SELECT id FROM review WHERE proposal IS NOT NULL AND (closed_at IS NULL OR $1) ORDER BY opened_at, id", random.Next(8) == 0);
            return items.Count == 0 ? null : await cluster.RowAsync(One(items));
        }

        private void Took(ReviewOutcome.Taken taken)
        {
            if (taken.Item is not { Answer: { } answer, AnsweredBy: { } by })
                return;
            Assert.False(_closed.ContainsKey(taken.Item.Id), $"Review {taken.Item.Id} was answered twice.");
            _closed[taken.Item.Id] = (answer, by);
        }

        public override string ToString() => string.Join(", ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} {count.Key}"));

        private void Count(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;

        private T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];
    }
}
