using System.Globalization;
using System.Text.RegularExpressions;
using CrmGrains.Benchmarks.Servers;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>What the write-ahead log of a run consists of, as <c>pg_waldump</c> sums it up.</summary>
/// <param name="Records">Bytes of records.</param>
/// <param name="Images">Bytes of whole pages, which the first change after a checkpoint logs.</param>
/// <param name="ByKind">Both, by the part of PostgreSQL that wrote them; the largest first.</param>
internal sealed partial record Wal(long Records, long Images, IReadOnlyList<(string Kind, long Bytes)> ByKind)
{
    /// <summary>Where the log stands: the end of a record of our own, because it can be read up to the end of a record only.</summary>
    public static async Task<string> PositionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var position = database.CreateCommand("SELECT pg_create_restore_point('benchmark')::text");
        return await position.ExecuteScalarAsync(cancellationToken) as string
            ?? throw new BenchmarkException("PostgreSQL has no log position.");
    }

    /// <summary>Reads the log between two positions. Where it can't, it says why.</summary>
    public static async Task<(Wal? Wal, string Fault)> ReadAsync(
        Installation installation, string from, string to, CancellationToken cancellationToken)
    {
        // Beside the server that runs: what is on the search path may be a link to it alone.
        var server = new FileInfo($"/proc/{installation.PostmasterId}/exe").ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "";
        var program = Path.Combine(Path.GetDirectoryName(server) ?? "", "pg_waldump");
        if (!File.Exists(program))
            return (null, $"{program} is missing.");

        // Everything up to the end is in the files then.
        await using (var flush = installation.Database.CreateCommand("SELECT pg_switch_wal()"))
            await flush.ExecuteNonQueryAsync(cancellationToken);
        var run = await Command.RunAsync(
            [program, "--stats=rmgr", "--path", Path.Combine(installation.ClusterFolder, "pg_wal"), "--start", from, "--end", to],
            cancellationToken);
        return Parse(run.Output) is { } wal ? (wal, "") : (null, run.Error);
    }

    private static Wal? Parse(string output)
    {
        var rows = Row().Matches(output)
            .Select(match => (Kind: match.Groups["kind"].Value, Records: Number(match, "records"), Images: Number(match, "images")))
            .ToList();
        return rows.Count == 0 ? null : new Wal(
            rows.Sum(row => row.Records), rows.Sum(row => row.Images),
            [.. rows.Select(row => (row.Kind, row.Records + row.Images)).Where(row => row.Item2 > 0).OrderByDescending(row => row.Item2)]);
    }

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    // Heap     1234 ( 12.30)     5678 (  4.50)     0 (  0.00)     5678 (  3.20); the last line, Total, has its percentages in brackets.
    [GeneratedRegex(
        @"^(?<kind>\w+)\s+\d+ \(\s*[\d.]+\)\s+(?<records>\d+) \(\s*[\d.]+\)\s+(?<images>\d+) \(\s*[\d.]+\)\s+\d+ \(\s*[\d.]+\)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
