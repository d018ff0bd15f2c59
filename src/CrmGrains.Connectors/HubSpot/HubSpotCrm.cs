using CrmGrains.Connectors.Limits;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>One HubSpot account: sends each kind of command to its module, and sees to it that every write gets an outcome.</summary>
internal sealed class HubSpotCrm : IConnector, IDisposable
{
    private const string ProbePath = $"/crm/objects/{HubSpotPaths.Version}/contacts?limit=1";

    private readonly HubSpotHttp _http;
    private readonly Owners _owners;
    private readonly Contacts _contacts;
    private readonly Companies _companies;
    private readonly Deals _deals;
    private readonly Associations _associations;
    private readonly Activities _activities;
    private readonly string _account;
    private readonly ILogger _logger;

    public HubSpotCrm(
        CrmAccountConfiguration account, string url, Func<string> token, HubSpotOptions options, TimeProvider time, Func<double> draw,
        ILoggerFactory loggers)
    {
        General = new Limiter(TokenBucket.For(account.General), time);
        Search = new Limiter(TokenBucket.For(account.Search), time);
        _http = new HubSpotHttp(url, token, General, Search, options, time, draw);
        _owners = new Owners(_http, time);
        _contacts = new Contacts(account);
        _companies = new Companies(account, time);
        _deals = new Deals(account, _owners);
        _associations = new Associations(_http);
        _activities = new Activities(_owners);
        (_account, _logger) = (account.Name, loggers.CreateLogger<HubSpotCrm>());
    }

    /// <summary>The limit of all calls but searches.</summary>
    public Limiter General { get; }

    /// <summary>The limit of searches.</summary>
    public Limiter Search { get; }

    /// <inheritdoc/>
    public IReadOnlyList<QuotaLeft> Quotas => [new("general", General.Left), new("search", Search.Left)];

    /// <inheritdoc/>
    /// <remarks>
    /// More than one call takes where that makes calls fewer: companies are searched for and deals looked up in larger numbers than they
    /// are written, and links go by kind, of which a lead has three.
    /// </remarks>
    public int BatchLimit(string commandObject) => commandObject switch
    {
        CrmObject.Association => 3 * Associations.MostPairs,
        CrmObject.Company => Companies.MostSearchedFor,
        CrmObject.Deal => 1_000,
        _ => 100,
    };

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        IReadOnlyList<Write> batch, ICallLog calls, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(batch.Count);
        foreach (var group in batch.DistinctBy(write => write.EffectKey).GroupBy(write => write.Command.Object))
        {
            var writes = group.ToList();
            try
            {
                outcomes.AddRange(await WriteAsync(group.Key, writes, calls, cancellationToken));
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                HubSpotLog.Broke(_logger, writes.Count, group.Key, _account, failure);
                outcomes.AddRange(writes.Select(HubSpotErrors.Garbage($"The connector failed: {failure.GetType().Name}.").For));
            }
        }

        return outcomes;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Asks for the kind of record that the last alarm was about, since a token may have the scope of one and not of another.
    /// </remarks>
    public async Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken)
    {
        var path = _http.AlertedPath switch
        {
            { } alerted when alerted.StartsWith("/crm/owners/", StringComparison.Ordinal) => $"/crm/owners/{HubSpotPaths.Version}?limit=1",
            { } alerted when alerted.StartsWith("/crm/objects/", StringComparison.Ordinal) =>
                $"/crm/objects/{HubSpotPaths.Version}/{alerted.Split('/', '?')[4]}?limit=1",
            _ => ProbePath,
        };
        var answer = await _http.SendAsync(new HubSpotCall(HttpMethod.Get, path, null, []), calls, cancellationToken);
        return answer.Failure?.Error;
    }

    public void Dispose()
    {
        _http.Dispose();
        _owners.Dispose();
        General.Dispose();
        Search.Dispose();
    }

    private Task<IReadOnlyList<WriteOutcome>> WriteAsync(
        string commandObject, List<Write> writes, ICallLog calls, CancellationToken cancellationToken)
    {
        var (reads, batches) = (new BatchReads(_http, calls), new BatchWrites(_http, calls));
        return commandObject switch
        {
            CrmObject.Contact => _contacts.WriteAsync(writes, reads, batches, cancellationToken),
            CrmObject.Company => _companies.WriteAsync(writes, reads, batches, cancellationToken),
            CrmObject.Deal => _deals.WriteAsync(writes, calls, reads, batches, cancellationToken),
            CrmObject.Association => _associations.WriteAsync(writes, calls, cancellationToken),
            _ => _activities.WriteAsync(writes, calls, reads, batches, cancellationToken),
        };
    }
}
