namespace CrmGrains.Host.Metrics;

internal static partial class MetricsLog
{
    [LoggerMessage(800, LogLevel.Warning, "Instrument {Instrument} of meter {Meter} is left out of /metrics: {Kind} {Family} would take names of {FirstKind} {FirstFamily}. Rename it.")]
    public static partial void InstrumentLeftOut(
        this ILogger log, string instrument, string meter, FamilyKind kind, string family, FamilyKind firstKind, string firstFamily);

    [LoggerMessage(801, LogLevel.Error, "A scrape of /metrics failed and was answered with 503.")]
    public static partial void ScrapeFailed(this ILogger log, Exception exception);

    [LoggerMessage(802, LogLevel.Error, "A scrape of /metrics took longer than {Limit} and was given up. An observable instrument that blocks, or a reader that is too slow?")]
    public static partial void ScrapeTookTooLong(this ILogger log, TimeSpan limit);

    [LoggerMessage(803, LogLevel.Warning, "A scrape of /metrics was turned away with 503: {InFlight} are under way already.")]
    public static partial void ScrapeTurnedAway(this ILogger log, int inFlight);
}
