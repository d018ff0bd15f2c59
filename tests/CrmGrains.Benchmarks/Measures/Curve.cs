using Npgsql;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Events that reached the ledger, by interval.</summary>
/// <param name="PerSecond">Events a second in each interval.</param>
/// <param name="Interval">Its length.</param>
internal sealed record Curve(IReadOnlyList<double> PerSecond, TimeSpan Interval)
{
    private const string Sql = """
        SELECT floor(extract(epoch FROM written_at - $1) / $2)::int, count(*)
        FROM ledger
        WHERE kind = 'event_received' AND written_at >= $1
        GROUP BY 1
        """;

    public static async Task<Curve> ReadAsync(
        NpgsqlDataSource database, DateTimeOffset from, TimeSpan interval, int count, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = interval.TotalSeconds });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var points = new double[count];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetInt32(0) < count)
                points[reader.GetInt32(0)] = reader.GetInt64(1) / interval.TotalSeconds;
        }

        return new Curve(points, interval);
    }

    /// <summary>Interval by interval the middle one of several runs.</summary>
    public static Curve MedianOf(IReadOnlyList<Curve> curves) => new(
        [.. Enumerable.Range(0, curves.Min(curve => curve.PerSecond.Count))
            .Select(point => curves.Select(curve => curve.PerSecond[point]).Order().ElementAt((curves.Count - 1) / 2))],
        curves[0].Interval);

    /// <summary>Events a second over the last third.</summary>
    public double LastThird => PerSecond.Skip(PerSecond.Count * 2 / 3).Average();

    public double Mean => PerSecond.Average();
}
