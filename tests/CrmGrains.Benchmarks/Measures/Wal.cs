using System.Diagnostics;
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
    /// <summary>Where the log stands, all of it being on disk.</summary>
    public static async Task<string> PositionAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        // Committing writes out what was there before it; an id makes it a commit.
        await using (var commit = database.CreateCommand("SELECT pg_current_xact_id()"))
            await commit.ExecuteNonQueryAsync(cancellationToken);
        await using var position = database.CreateCommand("SELECT pg_current_wal_flush_lsn()::text");
        return await position.ExecuteScalarAsync(cancellationToken) as string ?? throw new BenchmarkException("PostgreSQL has no log position.");
    }

    /// <summary>Reads the log between two positions; null where <c>pg_waldump</c> is missing or the log isn't there any more.</summary>
    public static async Task<Wal?> ReadAsync(string clusterFolder, string from, string to, CancellationToken cancellationToken)
    {
        var binaries = await PostgresBinaries.FindAsync(clusterMajor: null, cancellationToken);
        var program = Path.Combine(binaries.Folder, "pg_waldump");
        if (!File.Exists(program))
            return null;
        using var process = Process.Start(new ProcessStartInfo(
            program, ["--stats=rmgr", "--path", Path.Combine(clusterFolder, "pg_wal"), "--start", from, "--end", to])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        }) ?? throw new BenchmarkException("pg_waldump can't be started.");
        var faults = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        await faults;
        return Parse(output);
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
