using System.Globalization;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>A gateway for the tests of a class, and what they ask about it. No silo: what was stored stays in its queue.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    private Installation? _installation;

    internal Installation Installation => _installation ?? throw new InvalidOperationException("The gateway has not started.");

    public async Task InitializeAsync()
    {
        _installation = await Installation.CreateQuickAsync(new NoOutput());
        await _installation.StartAsync("gateway");
    }

    public async Task DisposeAsync()
    {
        if (_installation is not null)
            await _installation.DisposeAsync();
    }

    internal Task<long> StoredAsync() => Installation.Database.ValueAsync<long>("SELECT count(*) FROM raw_event");

    /// <summary>How often deliveries were answered so.</summary>
    internal async Task<long> AnsweredAsync(string source, int status, string answer)
    {
        var metrics = (await Installation.Api.GetAsync("/metrics")).Text;
        return metrics.Split('\n')
            .Where(line => line.StartsWith("deliveries_total{", StringComparison.Ordinal)
                && line.Contains($"source=\"{source}\"", StringComparison.Ordinal)
                && line.Contains($"status=\"{status}\"", StringComparison.Ordinal)
                && line.Contains($"answer=\"{answer}\"", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    private sealed class NoOutput : ITestOutputHelper
    {
        public void WriteLine(string message)
        {
        }

        public void WriteLine(string format, params object[] args)
        {
        }
    }
}
