using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>Whatever is sent: it is answered, never with an error of ours, and what is acknowledged is carried to its end.</summary>
public sealed class GatewayFuzzTests(ITestOutputHelper output)
{
    private const int AtOnce = 16;
    private const int Shown = 20;

    // 100,000 take many minutes: set CRMGRAINS_FUZZ_INPUTS to as many. CRMGRAINS_FUZZ_SEED repeats a run.
    private static readonly int Inputs = Number("CRMGRAINS_FUZZ_INPUTS") ?? 1_000;
    private static readonly int Seed = Number("CRMGRAINS_FUZZ_SEED") ?? Random.Shared.Next();

    [Fact]
    public async Task Every_request_is_answered_and_every_delivery_that_is_acknowledged_has_an_end()
    {
        output.WriteLine($"CRMGRAINS_FUZZ_SEED={Seed}");
        await using var installation = await Installation.CreateQuickAsync(output);
        var requests = new FuzzedRequests(new FuzzedSources(installation), Seed);
        var host = await installation.StartAsync();
        var (receipts, torn) = (new ConcurrentBag<(Guid EventId, bool IsDuplicate)>(), 0);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        });
        var url = new Uri(host.Url);

        var (statuses, faults) = (new ConcurrentDictionary<int, int>(), new ConcurrentBag<string>());
        await Parallel.ForAsync(0, Inputs, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var request = requests.Make(number);
            if (await AnswerAsync(http, url, request) is not { } answer)
            {
                faults.Add($"It wasn't answered; number {number}: {request}");
                return;
            }

            foreach (var receipt in answer.Receipts)
                receipts.Add(receipt);
            foreach (var status in answer.Statuses)
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (answer.IsReset)
                Interlocked.Increment(ref torn);
            if (FaultOf(request, answer) is { } fault)
                faults.Add($"{fault} Statuses {string.Join(", ", answer.Statuses)}; number {number}: {request}");
        });
        output.WriteLine($"{string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}"))}; {torn} torn");
        Assert.True(faults.IsEmpty, $"{faults.Count} with seed {Seed}:\n{string.Join('\n', faults.Take(Shown))}");

        await NothingIsLostAsync(installation, [.. receipts], torn);
        await EachHasAnEndAsync(installation, [.. receipts.Select(receipt => receipt.EventId).Distinct()]);
        await IsWellAsync(installation);
    }

    private static async Task<FuzzedAnswer?> AnswerAsync(HttpClient http, Uri url, FuzzedRequest request)
    {
        try
        {
            return request.Broken is { } bytes
                ? await FuzzedAnswer.OfAsync(url, bytes)
                : await FuzzedAnswer.OfAsync(http, url.AbsoluteUri.TrimEnd('/'), request);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with an answer; null where nothing is.</summary>
    private static string? FaultOf(FuzzedRequest request, FuzzedAnswer answer)
    {
        var isBroken = request.Broken is not null;

        // 501 and 505 are said of HTTP that nobody speaks.
        var ours = answer.Statuses.FirstOrDefault(status => status >= 500 && status != 503 && !(isBroken && status is 501 or 505));
        return ours > 0 ? "It was answered with an error of ours."
            : answer.Statuses.Contains(503) && !answer.RetriesLater ? "A 503 doesn't say when to come again."
            : answer.Receipts.Count > 0 && request.IsGenuine == false ? "It was taken in, though its signature isn't the source's."
            : isBroken || request.Source is null ? null
            : answer.Statuses[0] is 404 or 405 or 410 ? "A hook that there is was denied."
            : request.IsMail && answer.Statuses[0] is >= 400 and < 500 ? "Mail was refused for good."
            : null;
    }

    // Where a connection was torn, its answer may be lost and its delivery there.
    private static async Task NothingIsLostAsync(Installation installation, IReadOnlyList<(Guid EventId, bool IsDuplicate)> receipts, int torn)
    {
        var fresh = receipts.Where(receipt => !receipt.IsDuplicate).Select(receipt => receipt.EventId).ToList();
        var stored = (await installation.Database.ListAsync<Guid>("SELECT event_id FROM raw_event")).ToHashSet();

        Assert.NotEmpty(fresh);
        Assert.Equal(fresh.Count, fresh.Distinct().Count());
        Assert.All(receipts, receipt => Assert.Contains(receipt.EventId, stored));
        Assert.InRange(stored.Count - fresh.Count, 0, torn);
    }

    private static async Task EachHasAnEndAsync(Installation installation, IReadOnlyList<Guid> events)
    {
        // What the CRM refused is a person's, and what needs the refused record waits for that person.
        await Eventually.EndsAsync("messages and commands", async () => await installation.Database.ValueAsync<long>("""
            SELECT (SELECT count(*) FROM message) + (
                SELECT count(*) FROM command c
                WHERE c.state IN ('waiting', 'sent')
                   OR c.state = 'blocked'
                      AND NOT EXISTS (SELECT FROM command r WHERE r.account = c.account AND r.state IN ('manual_review', 'dead_lettered')))
            """));
        var traces = await installation.Api.TracesAsync(events);
        Assert.All(traces, trace => Assert.Contains(
            trace.GetProperty("status").GetString(), (string[])["completed", "duplicate", "ignored", "in_review", "failed"]));

        // A turn that throws is a bug of ours, whatever was sent.
        Assert.Empty(await installation.Database.ListAsync<string>("SELECT error FROM dead_letter WHERE queue = 'turns'"));
        await Flood.VerifiesAsync(installation.Database);
    }

    private static async Task IsWellAsync(Installation installation)
    {
        Assert.Equal(HttpStatusCode.OK, (await installation.Api.GetAsync("/readyz")).Status);
        Assert.False((await installation.Sender.SendAsync(A.Lead with { DeliveryId = $"msg_{Guid.NewGuid():N}" })).IsDuplicate);
        Assert.Empty(installation.Host.Errors());
    }

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
