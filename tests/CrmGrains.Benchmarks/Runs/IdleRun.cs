using System.Globalization;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;
using Npgsql;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>What a host costs that has nothing to do.</summary>
internal sealed class IdleRun(RunOptions options, MeasuredRun run, TextWriter output, TimeProvider time)
{
    private const double CpuBar = 1;
    private const double QueriesBar = 5;
    private const int WorkPerSecond = 200;

    // Every statement of the host's role; the benchmark's own are the superuser's.
    private const string Statements = """
        SELECT coalesce(sum(s.calls), 0)::bigint FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'crmgrains'
        """;

    private const string Frequent = """
        SELECT s.calls, left(regexp_replace(s.query, '\s+', ' ', 'g'), 80) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
        WHERE r.rolname = 'crmgrains' ORDER BY s.calls DESC LIMIT 12
        """;

    private const string Transactions =
        "SELECT (xact_commit + xact_rollback)::bigint FROM pg_stat_database WHERE datname = 'crmgrains'";

    private static readonly TimeSpan Work = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(60);

    /// <summary>Some work of a workspace without a CRM, then quiet: the outbox is left in place.</summary>
    public async Task<Section> RunAsync(CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string> { ["shared_preload_libraries"] = "pg_stat_statements" };
        await using var installation = await Installation.StartApartAsync("all", settings, time, cancellationToken);
        await using (var extension = installation.Database.CreateCommand("CREATE EXTENSION pg_stat_statements"))
            await extension.ExecuteNonQueryAsync(cancellationToken);
        var generator = new Generator(installation.Address, 8, time);
        var deliveries = run.Prepare(WorkPerSecond * Work.TotalSeconds, Population.Uniform, Hook.Neighbor);
        var sent = await generator.AtRateAsync(deliveries, WorkPerSecond, CancellationToken.None, cancellationToken);
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        await LedgerCheck.ReadAsync(installation.Database, sent, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"idle: {sent.Acknowledged} deliveries handled; quiet for {Settle.TotalSeconds:0} s, then watched for {options.Seconds} s"));
        await Task.Delay(Settle, time, cancellationToken);

        await using (var reset = installation.Database.CreateCommand("SELECT pg_stat_statements_reset()"))
            await reset.ExecuteNonQueryAsync(cancellationToken);
        var (statements, transactions) = await CountAsync(installation.Database, cancellationToken);
        var usage = new Usage(installation, time);
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds), time, cancellationToken);
        var cost = usage.End();
        var after = await CountAsync(installation.Database, cancellationToken);
        await TellAsync(installation.Database, cancellationToken);
        var host = 100 * cost.HostCpu / cost.Seconds;
        var postgres = 100 * cost.PostgresCpu / cost.Seconds;
        var queries = (after.Statements - statements) / cost.Seconds;
        // Counting is a transaction of ours, each time one of the two.
        var commits = Math.Max(0, after.Transactions - transactions - 2) / cost.Seconds;
        var resident = Memory.Of(installation.Processes[0].Id);
        var section = new Section($"idle --seconds {options.Seconds}");
        section.Line($"A host with all roles that has nothing to do, {options.Seconds} s long, after {Work.TotalSeconds:0} s of {WorkPerSecond} requests/s:")
            .Table("", "figure", "goal", "limit")
            .Line($"| CPU of the host, % of a core | {host:0.00} | under {CpuBar:0} | polling |")
            .Line($"| CPU of PostgreSQL, % of a core | {postgres:0.00} | | its own background processes, and the host's polling |")
            .Line($"| statements a second | {queries:0.0} | under {QueriesBar:0} | polling |")
            .Line($"| transactions a second, PostgreSQL's own included | {commits:0.0} | | |")
            .Line($"| resident MiB: host, PostgreSQL | {resident:0}, {cost.PostgresPeakMib:0} | | |");
        return section
            .Figure("cpu_percent", host + postgres).Figure("host_cpu_percent", host).Figure("postgres_cpu_percent", postgres)
            .Figure("queries_per_s", queries).Figure("transactions_per_s", commits)
            .Figure("rss_mib", resident, 0).Figure("postgres_mib", cost.PostgresPeakMib, 0).Figure("other_cores", cost.OtherCores);
    }

    // What there is to make rarer.
    private async Task TellAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var frequent = database.CreateCommand(Frequent);
        await using var reader = await frequent.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"idle: {reader.GetInt64(0),5} times {reader.GetString(1)}"));
    }

    private static async Task<(long Statements, long Transactions)> CountAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var statements = database.CreateCommand(Statements);
        await using var transactions = database.CreateCommand(Transactions);
        return (
            await statements.ExecuteScalarAsync(cancellationToken) is long calls ? calls : 0,
            await transactions.ExecuteScalarAsync(cancellationToken) is long commits ? commits : 0);
    }
}
