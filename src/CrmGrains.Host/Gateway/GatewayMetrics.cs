using System.Diagnostics.Metrics;

namespace CrmGrains.Host.Gateway;

/// <summary>What the gateway answers, for dashboards. Sources that nobody configured count as one.</summary>
internal sealed class GatewayMetrics
{
    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _answered;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CrmGrains.Gateway");
        _deliveries = meter.CreateCounter<long>("deliveries", description: "Deliveries by workspace, source, status and answer.");
        _answered = meter.CreateHistogram<double>("delivery_seconds", "s", "From a delivery's last byte to its answer, for those accepted.");
    }

    public void Answered(string workspace, string source, int status, string answer) => _deliveries.Add(
        1, new("workspace", workspace), new("source", source), new("status", status), new("answer", answer));

    public void Accepted(string workspace, string source, int status, string answer, TimeSpan took)
    {
        Answered(workspace, source, status, answer);
        _answered.Record(took.TotalSeconds);
    }
}
