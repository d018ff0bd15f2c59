using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using CrmGrains.Checker;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using CrmGrains.IntegrationTests.EndToEnd;

namespace CrmGrains.IntegrationTests.Checker;

/// <summary>Sends leads and notes what each attempt came to, then reads what the installation made of them.</summary>
internal sealed class RecordedRun(Installation installation)
{
    private const int AtOnce = 16;
    private const int MostAttempts = 300;

    private static readonly TimeSpan BeforeRetry = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<SentDelivery> _deliveries = [];

    /// <summary>Each is sent until it is accepted.</summary>
    public Task SendAsync(IReadOnlyList<Lead> leads) => Parallel.ForEachAsync(
        leads, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (lead, cancellationToken) =>
        {
            for (var attempt = 1; await TryAsync(lead) != HttpStatusCode.Accepted; attempt++)
            {
                Assert.True(attempt < MostAttempts, $"{lead.Post.DeliveryId} wasn't accepted in {attempt} attempts.");
                await Task.Delay(BeforeRetry, TimeProvider.System, cancellationToken);
            }
        });

    /// <summary>What the run left; to be disposed.</summary>
    public async Task<History> ReadAsync()
    {
        using var sandbox = new HttpClient { BaseAddress = new Uri(installation.Sandbox.Url) };
        var history = await HistoryReader.ReadAsync(installation.Database, [.. _deliveries], CancellationToken.None);
        return history with { Crm = await CrmReader.ReadAsync(sandbox, CancellationToken.None) };
    }

    /// <summary>Reads and checks it.</summary>
    public async Task<CheckReport> CheckAsync(bool isDrained = true)
    {
        using var history = await ReadAsync();
        return HistoryChecker.Check(history, Options(history) with { IsDrained = isDrained });
    }

    /// <summary>All laws, states folded under the configurations that the database keeps.</summary>
    public CheckOptions Options(History history) => new() { Fold = new GrainReplay(history, Configurations(history)).Fold };

    // A host writes the configuration down beside its first turns, so the file itself counts too.
    private ConfigurationByHash Configurations(History history)
    {
        var texts = history.Configurations.Values.Append(new ConfigurationText("demo", installation.Workspaces.Text));
        var known = texts.Select(text => WorkspaceFile.Parse($"{text.Workspace}.yaml", text.Body).Configuration)
            .OfType<WorkspaceConfiguration>().DistinctBy(configuration => configuration.Hash)
            .ToDictionary(configuration => configuration.Hash);
        return (_, hash) => known.GetValueOrDefault(hash);
    }

    private async Task<HttpStatusCode?> TryAsync(Lead lead)
    {
        var sentAt = Stopwatch.GetElapsedTime(0);
        var sent = new SentDelivery
        {
            Workspace = "demo", Source = lead.Post.Source, DeliveryId = lead.Post.DeliveryId, Fact = lead.Submission, SentAt = sentAt,
        };
        try
        {
            var reply = await installation.Sender.TryAsync(lead.Post);
            var isAccepted = reply.Status == HttpStatusCode.Accepted;
            _deliveries.Enqueue(sent with
            {
                AnsweredAt = Stopwatch.GetElapsedTime(0),
                Status = (int)reply.Status,
                EventId = isAccepted ? reply.Json.GetProperty("event_id").GetGuid() : null,
            });
            return reply.Status;
        }
        catch (HttpRequestException)
        {
            _deliveries.Enqueue(sent);
            return null;
        }
    }
}
