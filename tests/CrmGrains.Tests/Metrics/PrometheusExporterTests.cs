using System.Diagnostics.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Metrics;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Rendering _rendering = new();

    private Meter Meter => _rendering.Meter;

    public void Dispose() => _rendering.Dispose();

    [Fact]
    public void A_counter_has_help_type_and_total_at_its_end()
    {
        Meter.CreateCounter<long>("crm_turns", "{turn}", "Turns handled.").Add(3, new KeyValuePair<string, object?>("grain", "customer"));

        Assert.Equal(
            ["# HELP crm_turns_total Turns handled.", "# TYPE crm_turns_total counter", "crm_turns_total{grain=\"customer\"} 3"],
            _rendering.Lines());
    }

    [Fact]
    public void A_counter_counts_on_from_scrape_to_scrape()
    {
        var turns = Meter.CreateCounter<long>("crm_turns");

        turns.Add(1);
        Assert.Equal(["crm_turns_total 1"], _rendering.Samples());
        turns.Add(2);
        Assert.Equal(["crm_turns_total 3"], _rendering.Samples());
        Assert.Equal(["crm_turns_total 3"], _rendering.Samples());
    }

    [Fact]
    public void Up_down_counters_and_gauges_are_gauges()
    {
        Meter.CreateUpDownCounter<int>("crm_lanes", "{lane}", "Open lanes.").Add(-2);
        Meter.CreateGauge<double>("crm_lag_seconds", "s", "Age of the oldest message.").Record(1.5);
        _ = Meter.CreateObservableGauge("crm_partitions", () => 7, "{partition}", "Owned partitions.");

        Assert.Equal(
            [
                "# HELP crm_lanes Open lanes.", "# TYPE crm_lanes gauge", "crm_lanes -2",
                "# HELP crm_lag_seconds Age of the oldest message.", "# TYPE crm_lag_seconds gauge", "crm_lag_seconds 1.5",
                "# HELP crm_partitions Owned partitions.", "# TYPE crm_partitions gauge", "crm_partitions 7",
            ],
            _rendering.Lines());
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_up_to_infinity_its_sum_and_its_count()
    {
        var batch = Meter.CreateHistogram(
            "crm_batch_messages", "{message}", "Batches.", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 10, 100] });
        foreach (var size in (long[])[1, 2, 10, 11, 5000])
            batch.Record(size, new KeyValuePair<string, object?>("kind", "turn"));

        Assert.Equal(
            [
                "crm_batch_messages_bucket{kind=\"turn\",le=\"1\"} 1",
                "crm_batch_messages_bucket{kind=\"turn\",le=\"10\"} 3",
                "crm_batch_messages_bucket{kind=\"turn\",le=\"100\"} 4",
                "crm_batch_messages_bucket{kind=\"turn\",le=\"+Inf\"} 5",
                "crm_batch_messages_sum{kind=\"turn\"} 5024",
                "crm_batch_messages_count{kind=\"turn\"} 5",
            ],
            _rendering.Samples());
    }

    [Theory]
    [InlineData("crm_turn_seconds", "0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60 +Inf")]
    [InlineData("crm_batch_messages", "1 2 5 10 20 50 100 200 500 1000 +Inf")]
    [InlineData("crm_batch_size", "1 2 5 10 20 50 100 200 500 1000 +Inf")]
    [InlineData("crm_state_bytes", "64 256 1024 4096 16384 65536 262144 1048576 4194304 16777216 +Inf")]
    public void Our_histograms_have_buckets_that_suit_their_unit(string name, string bounds)
    {
        Meter.CreateHistogram<double>(name).Record(1);

        var found = _rendering.Samples().Where(line => line.Contains("le=", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);

        Assert.Equal(bounds, string.Join(' ', found));
    }

    [Fact]
    public void A_label_named_le_makes_way_for_the_bucket_bound()
    {
        Meter.CreateHistogram<double>("crm_turn_seconds").Record(1, new KeyValuePair<string, object?>("le", "x"));

        Assert.Contains("crm_turn_seconds_bucket{exported_le=\"x\",le=\"60\"} 1", _rendering.Samples());
    }

    [Fact]
    public void A_million_and_a_tenth_are_written_the_same_everywhere_and_what_is_no_number_has_its_name()
    {
        var gauge = Meter.CreateGauge<double>("crm_x");
        foreach (var (name, value) in ((string, double)[])[
            ("a", 1_000_000), ("b", 0.1), ("c", double.NaN), ("d", double.PositiveInfinity), ("e", double.NegativeInfinity), ("f", double.MinValue)])
        {
            gauge.Record(value, new KeyValuePair<string, object?>("is", name));
        }

        Assert.Equal(
            [
                "crm_x{is=\"a\"} 1000000", "crm_x{is=\"b\"} 0.1", "crm_x{is=\"c\"} NaN", "crm_x{is=\"d\"} +Inf", "crm_x{is=\"e\"} -Inf",
                "crm_x{is=\"f\"} -1.7976931348623157E+308",
            ],
            _rendering.Samples());
    }

    [Fact]
    public void Backslash_quote_and_newline_are_escaped_in_labels_and_no_quote_in_help()
    {
        Meter.CreateCounter<long>("crm_x", null, "a \\ b\n\"c\"").Add(1, new KeyValuePair<string, object?>("path", "C:\\\"a\"\nb\r€"));

        Assert.Equal(
            ["# HELP crm_x_total a \\\\ b\\n\"c\"", "# TYPE crm_x_total counter", "crm_x_total{path=\"C:\\\\\\\"a\\\"\\nb\r€\"} 1"],
            _rendering.Lines());
    }

    [Fact]
    public void Any_label_value_is_read_back_as_it_was_recorded()
    {
        Prop.ForAll<UnicodeString>(value =>
        {
            using var rendering = new Rendering();
            rendering.Meter.CreateCounter<long>("crm_x").Add(1, new KeyValuePair<string, object?>("v", value.Get));
            var expected = string.IsNullOrEmpty(value.Get) ? "crm_x_total" : $"crm_x_total|v={WellFormed(value.Get)}";
            return ExpositionReader.Read(rendering.Text()).Keys.Single() == expected;
        }).QuickCheckThrowOnFailure();

        static string WellFormed(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void Any_tags_at_all_make_a_valid_exposition()
    {
        Prop.ForAll<(string Key, string Value)[][]>(measurements =>
        {
            using var rendering = new Rendering();
            var counter = rendering.Meter.CreateCounter<long>("crm_x");
            var histogram = rendering.Meter.CreateHistogram<double>("crm_y_seconds");
            foreach (var tags in measurements ?? [])
            {
                var pairs = (tags ?? []).Select(tag => new KeyValuePair<string, object?>(tag.Key ?? "", tag.Value)).ToArray();
                counter.Add(1, pairs);
                histogram.Record(1, pairs);
            }

            var samples = ExpositionReader.Read(rendering.Text());
            return Sum(samples, "crm_x_total") == Sum(samples, "crm_y_seconds_count")
                && Sum(samples, "crm_x_total") == (measurements?.Length ?? 0);
        }).QuickCheckThrowOnFailure();

        static double Sum(Dictionary<string, double> samples, string name) =>
            samples.Where(sample => sample.Key.Split('|')[0] == name).Sum(sample => sample.Value);
    }

    [Fact]
    public void Label_names_are_made_valid_and_those_that_become_equal_share_a_label()
    {
        Meter.CreateCounter<long>("crm_x").Add(
            1, new("http.method", "GET"), new("9lives", true), new("__name__", 4.5), new("a.b", "one"), new("a_b", "two"));

        Assert.Equal(["crm_x_total{_9lives=\"true\",_name_=\"4.5\",a_b=\"one;two\",http_method=\"GET\"} 1"], _rendering.Samples());
    }

    [Fact]
    public void An_empty_label_is_no_label_and_series_that_become_equal_add_up()
    {
        var counter = Meter.CreateCounter<long>("crm_x");
        counter.Add(1, new KeyValuePair<string, object?>("a", ""));
        counter.Add(2, new KeyValuePair<string, object?>("a", null));
        counter.Add(4);

        Assert.Equal(["crm_x_total 7"], _rendering.Samples());
    }

    [Fact]
    public void Instruments_of_one_name_in_two_meters_share_a_family_and_their_equal_series_add_up()
    {
        foreach (var meter in (Meter[])[_rendering.Meter, _rendering.Other])
        {
            var counter = meter.CreateCounter<long>("crm.sends", null, "Sent.");
            counter.Add(1);
            counter.Add(2, new KeyValuePair<string, object?>("meter", meter.Name[^5..]));
            Histogram(meter, "crm_send_seconds", upTo: 1).Record(0.5);
            meter.CreateGauge<int>("crm_depth", null, "Deep.").Record(meter == _rendering.Meter ? 5 : 6);
        }

        Assert.Equal(
            [
                "# HELP crm_sends_total Sent.", "# TYPE crm_sends_total counter",
                "crm_sends_total 2", "crm_sends_total{meter=\"First\"} 2", "crm_sends_total{meter=\"Other\"} 2",
                "# HELP crm_send_seconds crm_send_seconds", "# TYPE crm_send_seconds histogram",
                "crm_send_seconds_bucket{le=\"1\"} 2", "crm_send_seconds_bucket{le=\"+Inf\"} 2",
                "crm_send_seconds_sum 1", "crm_send_seconds_count 2",
                "# HELP crm_depth Deep.", "# TYPE crm_depth gauge", "crm_depth 5",
            ],
            _rendering.Lines());
    }

    [Fact]
    public void Histograms_of_one_name_whose_buckets_differ_leave_the_first()
    {
        Histogram(_rendering.Meter, "crm_x", upTo: 1).Record(0.5);
        Histogram(_rendering.Other, "crm_x", upTo: 2).Record(0.5);

        Assert.Equal(["crm_x_bucket{le=\"1\"} 1", "crm_x_bucket{le=\"+Inf\"} 1", "crm_x_sum 0.5", "crm_x_count 1"], _rendering.Samples());
    }

    [Fact]
    public void An_instrument_that_would_take_the_names_of_another_family_is_left_out_and_logged_once()
    {
        Histogram(_rendering.Meter, "crm_x", upTo: 1).Record(0.5);
        _rendering.Other.CreateGauge<int>("crm_x").Record(1);
        _rendering.Other.CreateGauge<int>("crm_x_sum").Record(1);

        Assert.Equal(4, _rendering.Samples().Length);
        Assert.Equal(4, _rendering.Samples().Length);
        ExpositionReader.Read(_rendering.Text());
        Assert.Equal(2, _rendering.Log.Count);
        Assert.All(_rendering.Log, line => Assert.Contains("is left out of /metrics", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_measured_is_nothing_written()
    {
        _ = Meter.CreateCounter<long>("crm_x");

        Assert.Equal("", _rendering.Text());
    }

    [Fact]
    public void Labels_without_end_stay_within_the_limit_and_are_still_counted()
    {
        var counter = Meter.CreateCounter<long>("crm_x");
        for (var i = 0; i < 5000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("id", i));

        var samples = ExpositionReader.Read(_rendering.Text());

        Assert.InRange(samples.Count, 900, CrmGrains.Host.Metrics.MetricStreams.MaxSeries + 1);
        Assert.Equal(5000, samples.Values.Sum());
        Assert.Contains("crm_x_total|otel_metric_overflow=true", samples.Keys);
    }

    [Fact]
    public void An_observable_that_throws_spoils_its_own_series_only()
    {
        _ = Meter.CreateObservableGauge("crm_bad", int () => throw new InvalidOperationException("broken"));
        _ = Meter.CreateObservableGauge("crm_good", () => 1);

        Assert.Equal(["crm_good 1"], _rendering.Samples());
    }

    [Fact]
    public void A_label_value_that_cannot_be_written_fails_the_scrape_and_not_the_next_one()
    {
        var tag = new Unprintable { Throws = true };
        Meter.CreateCounter<long>("crm_x").Add(1, new KeyValuePair<string, object?>("v", tag));

        var failure = Assert.Throws<InvalidOperationException>(_rendering.Text);
        Assert.Equal("unprintable", failure.InnerException?.Message);

        tag.Throws = false;
        Assert.Equal(["crm_x_total{v=\"printable\"} 1"], _rendering.Samples());
    }

    private static Histogram<double> Histogram(Meter meter, string name, double upTo) =>
        meter.CreateHistogram(name, null, null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [upTo] });

    private sealed class Unprintable
    {
        public bool Throws { get; set; }

        public override string ToString() => Throws ? throw new FormatException("unprintable") : "printable";
    }
}
