using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>One subject, started, warmed up, measured and stopped.</summary>
internal sealed class MeasuredRun(RunOptions options, TimeProvider time)
{
    private const int MostPerSecond = 25_000;
    private static readonly TimeSpan RateWarmUp = TimeSpan.FromSeconds(3);

    private int _number;

    // At full speed, before anything is measured.
    private TimeSpan WarmUp => TimeSpan.FromSeconds(options.IsQuick ? 3 : 8);

    public async Task<RunFigures> RunAsync(Subject subject, CancellationToken cancellationToken)
    {
        await using var installation = await StartAsync(subject, cancellationToken);
        if (subject.IsPreloaded)
            await KnownCustomers.WriteAsync(installation.Database, subject.Population, time.GetUtcNow(), cancellationToken);
        var generator = new Generator(installation.Address, options.Connections, time);
        await WarmUpAsync(generator, subject.Population, cancellationToken);
        if (subject.PerSecond is { } slow)
            await generator.AtRateAsync(
                Prepare(slow * RateWarmUp.TotalSeconds, subject.Population), slow, CancellationToken.None, cancellationToken);
        var deliveries = Prepare((subject.PerSecond ?? MostPerSecond) * options.Seconds, subject.Population);
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);

        var sizes = await Sizes.ReadAsync(installation.Database, cancellationToken);
        var from = await Wal.PositionAsync(installation.Database, cancellationToken);
        var usage = new Usage(installation, time);
        var sent = subject.PerSecond is { } rate
            ? await generator.AtRateAsync(deliveries, rate, CancellationToken.None, cancellationToken)
            : await generator.AtFullSpeedAsync(deliveries, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        var cost = usage.End();
        var to = await Wal.PositionAsync(installation.Database, cancellationToken);
        var grown = await Sizes.ReadAsync(installation.Database, cancellationToken);
        var ledger = await LedgerCheck.ReadAsync(installation.Database, sent, cancellationToken);
        if (subject.IsPreloaded)
            await KnownCustomers.CheckAsync(installation.Database, subject.Population, cancellationToken);
        var acknowledgements = sent.Acknowledgements();
        return new RunFigures
        {
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
            Wal = subject.HasWal ? await Wal.ReadAsync(installation, from, to, cancellationToken) : null,
            PostgresVersion = await VersionAsync(installation.Database, cancellationToken),
        };
    }

    /// <summary>Full speed until everything is compiled and cached.</summary>
    public Task<SentDeliveries> WarmUpAsync(Generator generator, Population population, CancellationToken cancellationToken) =>
        generator.AtFullSpeedAsync(Prepare(MostPerSecond * WarmUp.TotalSeconds, population), WarmUp, cancellationToken);

    /// <summary>The deliveries of the next run; none has the ids of another's.</summary>
    public Deliveries Prepare(double sends, Population population, Hook? hook = null) =>
        new(_number++ % 10_000, (int)sends, hook ?? Hook.Main, population, time.GetUtcNow());

    /// <summary>Enough deliveries for so long at full speed, rendered as they are needed.</summary>
    public Deliveries PrepareLazily(TimeSpan duration) => new(
        _number++ % 10_000, (int)(MostPerSecond * duration.TotalSeconds) + 1, Hook.Main, Population.Uniform, time.GetUtcNow(),
        isRenderedBeforehand: false);

    private async Task<Installation> StartAsync(Subject subject, CancellationToken cancellationToken)
    {
        if (subject.Silos == 0)
            return await Installation.StartAsync(subject.Contender, time, cancellationToken);
        var installation = await Installation.StartApartAsync("gateway", new Dictionary<string, string>(), time, cancellationToken);
        try
        {
            foreach (var silo in Enumerable.Range(0, subject.Silos).Select(_ => installation.Add("silo")).ToList())
                await silo.ReadyAsync(cancellationToken);
            await installation.HoldAccountAsync(cancellationToken);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> VersionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var version = database.CreateCommand("SELECT split_part(current_setting('server_version'), ' ', 1)");
        return await version.ExecuteScalarAsync(cancellationToken) as string ?? "";
    }
}
