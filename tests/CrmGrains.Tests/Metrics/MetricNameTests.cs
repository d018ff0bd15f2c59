using CrmGrains.Host.Metrics;

namespace CrmGrains.Tests.Metrics;

public sealed class MetricNameTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", "http_server_request_duration_seconds")]
    [InlineData("crm_attempt_seconds", "s", "crm_attempt_seconds")]
    [InlineData("crm_state_bytes", "By", "crm_state_bytes")]
    [InlineData("crm_batch_messages", "{message}", "crm_batch_messages")]
    [InlineData("crm_batch_messages", null, "crm_batch_messages")]
    [InlineData("kestrel.connection-duration/x", "ms", "kestrel_connection_duration_x_milliseconds")]
    [InlineData("crm_throughput", "By/s", "crm_throughput_bytes_per_second")]
    [InlineData("crm_rate", "{item}/s", "crm_rate_per_second")]
    [InlineData("crm_speed", "{item}s{odd}", "crm_speed_seconds")]
    [InlineData("crm_odd", "furlong", "crm_odd_furlong")]
    [InlineData("crm_odd", "{never closed", "crm_odd")]
    [InlineData("crm_count", "1", "crm_count")]
    public void A_histogram_ends_in_its_unit_once(string name, string? unit, string expected) =>
        Assert.Equal(expected, PrometheusText.FamilyName(name, unit, FamilyKind.Histogram));

    [Theory]
    [InlineData("crm_turns", "{turn}", "crm_turns_total")]
    [InlineData("crm_turns_total", "{turn}", "crm_turns_total")]
    [InlineData("dotnet.process.cpu.time", "s", "dotnet_process_cpu_time_seconds_total")]
    [InlineData("crm_busy_seconds_total", "s", "crm_busy_seconds_total")]
    [InlineData("crm_turns", "1", "crm_turns_total")]
    public void A_counter_ends_in_its_unit_and_total_once(string name, string unit, string expected) =>
        Assert.Equal(expected, PrometheusText.FamilyName(name, unit, FamilyKind.Counter));

    [Theory]
    [InlineData("crm_full", "1", "crm_full_ratio")]
    [InlineData("crm_full_ratio", "1", "crm_full_ratio")]
    [InlineData("crm_full", "%", "crm_full_percent")]
    [InlineData("2nd..name__ü-x", "", "_2nd_name_x")]
    [InlineData("a:b", "", "a:b")]
    [InlineData("dotnet.timer.count", "{timer}", "dotnet_timer_current")]
    public void A_gauge_has_a_valid_name_and_a_share_is_a_ratio(string name, string unit, string expected) =>
        Assert.Equal(expected, PrometheusText.FamilyName(name, unit, FamilyKind.Gauge));
}
