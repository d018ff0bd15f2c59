using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace CrmGrains.Host.Metrics;

/// <summary>Which meters are listened to, and how each instrument's measurements are kept.</summary>
internal static class MetricStreams
{
    public const string OwnPrefix = "CrmGrains.";

    public static readonly string[] Meters =
        [OwnPrefix + "*", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <summary>
    /// Label sets kept for each instrument; what comes after is added up under <c>otel_metric_overflow="true"</c>. Our labels are
    /// closed sets far below it. Room for all of them is set aside at once, about 100 KB for each instrument.
    /// </summary>
    public const int MaxSeries = 1000;

    /// <summary>From half a millisecond (a turn) to a minute (a call to a CRM that hangs).</summary>
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>From a short message to a body at its limit, 64 B to 16 MiB.</summary>
    private static readonly double[] Bytes = [.. Enumerable.Range(3, 10).Select(power => Math.Pow(4, power))];

    /// <summary>How many were in a batch.</summary>
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    public static MetricStreamConfiguration For(Instrument instrument) => BoundsFor(instrument) is { } bounds
        ? new ExplicitBucketHistogramConfiguration { Boundaries = bounds, CardinalityLimit = MaxSeries }
        : new MetricStreamConfiguration { CardinalityLimit = MaxSeries };

    /// <returns><see langword="null"/> where the instrument is no histogram of ours or brings its own bounds.</returns>
    private static double[]? BoundsFor(Instrument instrument)
    {
        var isOurHistogram = instrument.Meter.Name.StartsWith(OwnPrefix, StringComparison.Ordinal) && instrument switch
        {
            Histogram<double> h => h.Advice?.HistogramBucketBoundaries is null,
            Histogram<long> h => h.Advice?.HistogramBucketBoundaries is null,
            Histogram<int> h => h.Advice?.HistogramBucketBoundaries is null,
            _ => false,
        };
        if (!isOurHistogram)
            return null;
        return EndsIn("_seconds") ? Seconds : EndsIn("_bytes") ? Bytes : Counts;

        bool EndsIn(string unit) => instrument.Name.EndsWith(unit, StringComparison.Ordinal);
    }
}
