namespace CrmGrains.IntegrationTests.Metrics;

/// <summary>
/// A provider listens to every meter of its names in the process, so a test that spoils a scrape would spoil those of tests that run at
/// the same time: these run alone.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MetricsAlone
{
    public const string Name = "metrics, alone";
}
