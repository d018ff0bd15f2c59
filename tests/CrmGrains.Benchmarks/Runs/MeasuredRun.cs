using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>One contender, started, warmed up, measured and stopped.</summary>
internal sealed class MeasuredRun(RunOptions options, TimeProvider time)
{
    private const int MostPerSecond = 25_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan RateWarmUp = TimeSpan.FromSeconds(3);

    private int _number;

    /// <summary>As many events as it takes.</summary>
    public Task<RunFigures> AtFullSpeedAsync(Contender contender, CancellationToken cancellationToken) =>
        RunAsync(contender, AtFullSpeedAsync, cancellationToken);

    /// <summary>So many requests a second.</summary>
    public Task<RunFigures> AtRateAsync(Contender contender, double perSecond, CancellationToken cancellationToken) =>
        RunAsync(
            contender,
            async (generator, _, stop) =>
            {
                await generator.AtRateAsync(Prepare(perSecond * RateWarmUp.TotalSeconds), perSecond, stop);
                return (Prepare(perSecond * options.Seconds), deliveries => generator.AtRateAsync(deliveries, perSecond, stop));
            },
            cancellationToken);

    private async Task<RunFigures> RunAsync(
        Contender contender,
        Func<Generator, RunningServer, CancellationToken, Task<(Deliveries, Func<Deliveries, Task<SentDeliveries>>)>> prepare,
        CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync(contender, time, cancellationToken);
        var generator = new Generator(server.Address, options.Connections, time);
        await generator.AtFullSpeedAsync(Prepare(MostPerSecond * WarmUp.TotalSeconds), WarmUp, cancellationToken);
        var (deliveries, send) = await prepare(generator, server, cancellationToken);
        await LedgerCheck.DrainedAsync(server, time, cancellationToken);

        var sizes = await Sizes.ReadAsync(server.Database, cancellationToken);
        var usage = new Usage(server, time);
        var sent = await send(deliveries);
        await LedgerCheck.DrainedAsync(server, time, cancellationToken);
        var cost = await usage.EndAsync();
        var grown = await Sizes.ReadAsync(server.Database, cancellationToken);
        var ledger = await LedgerCheck.ReadAsync(server.Database, sent, cancellationToken);
        var acknowledgements = sent.Acknowledgements();
        return new RunFigures
        {
            Contender = contender,
            EventsPerSecond = ledger.Events / ledger.Took.TotalSeconds,
            DeliveriesPerSecond = sent.Acknowledged / ledger.Took.TotalSeconds,
            Events = ledger.Events,
            CommandsPerEvent = ledger.Commands / (double)ledger.Events,
            Refused = sent.Refused,
            AckP50Ms = acknowledgements.P50,
            AckP99Ms = acknowledgements.P99,
            LedgerP50Ms = ledger.Latency.P50,
            LedgerP99Ms = ledger.Latency.P99,
            Usage = cost,
            Sizes = grown.Since(sizes, ledger.Events),
            PostgresVersion = await VersionAsync(server.Database, cancellationToken),
        };
    }

    private Task<(Deliveries, Func<Deliveries, Task<SentDeliveries>>)> AtFullSpeedAsync(
        Generator generator, RunningServer server, CancellationToken cancellationToken) => Task.FromResult(
            (Prepare(MostPerSecond * (double)options.Seconds),
            (Func<Deliveries, Task<SentDeliveries>>)(deliveries =>
                generator.AtFullSpeedAsync(deliveries, TimeSpan.FromSeconds(options.Seconds), cancellationToken))));

    private static async Task<string> VersionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var version = database.CreateCommand("SELECT split_part(current_setting('server_version'), ' ', 1)");
        return await version.ExecuteScalarAsync(cancellationToken) as string ?? "";
    }

    private Deliveries Prepare(double sends) => new(_number++ % 100, (int)sends, time.GetUtcNow());
}

/// <summary>What a benchmark was asked for.</summary>
/// <param name="Seconds">How long requests are sent in each run.</param>
/// <param name="Runs">Runs of each contender; figures are their medians.</param>
/// <param name="Connections">Requests in flight at most.</param>
/// <param name="IsJson">Whether the last line is a JSON object.</param>
internal sealed record RunOptions(int Seconds, int Runs, int Connections, bool IsJson);
