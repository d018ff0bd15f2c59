using System.Text.Json;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Silos;
using CrmGrains.Runtime.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CrmGrains.Runtime.Autonomy;

/// <summary>
/// What goes without a person in each workspace, as turns are told: read every few seconds and never for a batch. Until it was read, and
/// while the database is away, nothing new goes without a person. A turn records the set that it was told, so it can be repeated.
/// </summary>
public sealed class GrantedActions(EngineDatabase database, TimeProvider time, ILogger<GrantedActions> logger) : BackgroundService
{
    private const string Workspaces = "SELECT DISTINCT workspace FROM configuration";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    // A workspace is new once in its life. Until it is listed everything is asked there.
    private static readonly TimeSpan BetweenLists = TimeSpan.FromSeconds(30);

    private List<GrainId> _policies = [];
    private long _listedAt;
    private volatile IReadOnlyDictionary<string, IReadOnlyList<string>> _granted = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The kinds of actions, in alphabetical order.</summary>
    public IReadOnlyList<string> Of(string workspace) => _granted.GetValueOrDefault(workspace) ?? [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _granted = await ReadAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Better asked once too often.
                _granted = new Dictionary<string, IReadOnlyList<string>>();
                logger.GrantsUnknown(exception.Message);
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Dictionary<string, IReadOnlyList<string>>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        if (_listedAt == 0 || time.GetElapsedTime(_listedAt) >= BetweenLists)
        {
            _policies = await ListAsync(connection, cancellationToken);
            _listedAt = time.GetTimestamp();
        }

        await using var load = new NpgsqlCommand(BatchSql.LoadStates, connection);
        load.Parameters.Ints([.. _policies.Select(MailboxPartition.Of)]).Texts([.. _policies.Select(grain => grain.ToString())]);
        await using var states = await load.ExecuteReaderAsync(cancellationToken);
        var granted = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        while (await states.ReadAsync(cancellationToken))
        {
            var state = JsonSerializer.Deserialize(states.GetFieldValue<byte[]>(3), CoreJson.Default.PolicyState);
            if (state is { Granted.Count: > 0 })
                granted[GrainId.Parse(states.GetString(1)).Workspace] = [.. state.Granted.Keys.Order(StringComparer.Ordinal)];
        }

        return granted;
    }

    private static async Task<List<GrainId>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var policies = new List<GrainId>();
        await using var list = new NpgsqlCommand(Workspaces, connection);
        await using var names = await list.ExecuteReaderAsync(cancellationToken);
        while (await names.ReadAsync(cancellationToken))
            policies.Add(PolicyGrain.Of(names.GetString(0)));
        return policies;
    }
}
