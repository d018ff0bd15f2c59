using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CrmGrains.Host.Metrics;

/// <summary>
/// Renders every instrument of a <see cref="MeterProvider"/> as Prometheus text, version 0.0.4, when somebody asks. Names follow the
/// OpenTelemetry specification ("Prometheus and OpenMetrics compatibility"), without scope labels and <c>target_info</c>.
/// </summary>
/// <remarks>
/// <para>Prometheus rejects a whole scrape for one repeated series or family, so neither ever leaves here. Instruments of one name and
/// kind, whatever their meters, share a family; where their labels repeat, counters, up-down counters and histograms of equal buckets
/// add up, and of anything else the first stays. An instrument whose samples would take the names of another family is left out and
/// logged.</para>
/// <para>Not thread safe: <see cref="Scrapes"/> runs one scrape at a time. All buffers are reused from scrape to scrape.</para>
/// </remarks>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(ILogger<PrometheusExporter> log) : BaseExporter<Metric>, IPullMetricExporter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly ConditionalWeakTable<Metric, Family> _familyOf = [];
    private readonly Dictionary<string, Family> _bySampleName = [];
    private readonly List<Family> _families = [];
    private readonly SeriesSet _series = new();
    private readonly HashSet<string> _reported = [];
    private Exception? _failure;

    /// <summary>Set by the reader that gets this exporter: takes a time-out in milliseconds and calls <see cref="Export"/>.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Reads all instruments now.</summary>
    /// <returns>The exposition, valid until the next call.</returns>
    /// <exception cref="InvalidOperationException">There is no provider (any more), or an instrument could not be rendered.</exception>
    public ReadOnlyMemory<byte> Scrape()
    {
        _output.ResetWrittenCount();
        _failure = null;
        var collect = Collect ?? throw new InvalidOperationException("The Prometheus exporter belongs to no MeterProvider.");
        if (!collect(Timeout.Infinite))
            throw new InvalidOperationException("The instruments could not be collected.", _failure);
        return _output.WrittenMemory;
    }

    /// <inheritdoc />
    public override ExportResult Export(in Batch<Metric> batch)
    {
        try
        {
            foreach (var metric in batch)
                Join(metric);
            foreach (var family in _families)
                Write(family);
            return ExportResult.Success;
        }
        catch (Exception e)
        {
            // The reader would swallow it; Scrape() throws it to whoever asked.
            _failure = e;
            return ExportResult.Failure;
        }
        finally
        {
            foreach (var family in _families)
                family.Members.Clear();
            _families.Clear();
            _bySampleName.Clear();
        }
    }

    private void Join(Metric metric)
    {
        var family = _familyOf.GetValue(metric, Family.Of);
        var first = FirstWithNamesOf(family);
        if (first is null)
        {
            foreach (var name in family.SampleNames)
                _bySampleName.Add(name, family);
            _families.Add(family);
            first = family;
        }

        if (first.Name == family.Name && first.Kind == family.Kind)
            first.Members.Add(metric);
        else if (_reported.Add(family.Name))
            log.InstrumentLeftOut(metric.Name, metric.MeterName, family.Kind, family.Name, first.Kind, first.Name);
    }

    private Family? FirstWithNamesOf(Family family)
    {
        foreach (var name in family.SampleNames)
        {
            if (_bySampleName.TryGetValue(name, out var first))
                return first;
        }

        return null;
    }

    private void Write(Family family)
    {
        _series.Clear();
        foreach (var metric in family.Members)
            _series.Add(metric);
        if (_series.All.Length == 0)
            return;

        _output.Write(family.Header);
        foreach (var series in _series.All)
        {
            var labels = _series.LabelsOf(series);
            if (family.Kind != FamilyKind.Histogram)
            {
                WriteSample(family.SampleName, default, labels, default, series.Value);
                continue;
            }

            long cumulative = 0;
            foreach (var bucket in _series.BucketsOf(series))
            {
                cumulative += bucket.Count;
                WriteSample(family.SampleName, "_bucket"u8, labels, bucket.UpTo, cumulative);
            }

            WriteSample(family.SampleName, "_bucket"u8, labels, double.PositiveInfinity, series.Count);
            WriteSample(family.SampleName, "_sum"u8, labels, default, series.Value);
            WriteSample(family.SampleName, "_count"u8, labels, default, series.Count);
        }
    }

    private void WriteSample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> labels, double? le, double value)
    {
        _output.Write(name);
        _output.Write(suffix);
        if (labels.Length > 0 || le is not null)
        {
            _output.Write("{"u8);
            _output.Write(labels);
            if (le is { } upTo)
            {
                _output.Write(labels.Length > 0 ? ",le=\""u8 : "le=\""u8);
                PrometheusText.WriteNumber(_output, upTo);
                _output.Write("\""u8);
            }

            _output.Write("}"u8);
        }

        _output.Write(" "u8);
        PrometheusText.WriteNumber(_output, value);
        _output.Write("\n"u8);
    }

    /// <summary>A name that Prometheus knows and the instruments of this scrape that share it.</summary>
    private sealed class Family(string name, FamilyKind kind, string help)
    {
        private static readonly string[] HistogramSuffixes = ["", "_bucket", "_sum", "_count"];

        public string Name => name;
        public FamilyKind Kind => kind;
        public List<Metric> Members { get; } = [];
        public byte[] SampleName { get; } = Encoding.UTF8.GetBytes(name);

        /// <summary>Every name that belongs to this family, so that no other may use it.</summary>
        public string[] SampleNames { get; } = kind == FamilyKind.Histogram ? [.. HistogramSuffixes.Select(s => name + s)] : [name];

        public byte[] Header { get; } = Encoding.UTF8.GetBytes(
            $"# HELP {name} {PrometheusText.EscapeHelp(help)}\n# TYPE {name} {kind.ToString().ToLowerInvariant()}\n");

        public static Family Of(Metric metric)
        {
            var kind = metric.MetricType switch
            {
                MetricType.LongSum or MetricType.DoubleSum => FamilyKind.Counter,
                MetricType.Histogram or MetricType.ExponentialHistogram => FamilyKind.Histogram,
                _ => FamilyKind.Gauge,
            };
            // Without a description its own name at least tells where a series comes from.
            var help = string.IsNullOrEmpty(metric.Description) ? metric.Name : metric.Description;
            return new Family(PrometheusText.FamilyName(metric.Name, metric.Unit, kind), kind, help);
        }
    }
}

internal enum FamilyKind { Counter, Gauge, Histogram }

/// <summary>The series of one family, at most one for each set of labels. Emptied and filled again for each family.</summary>
internal sealed class SeriesSet : IEqualityComparer<Range>
{
    private readonly ArrayBufferWriter<byte> _labels = new(16 * 1024);
    private readonly List<Bucket> _buckets = [];
    private readonly List<Series> _all = [];
    private readonly Dictionary<Range, int> _byLabels;
    private readonly LabelWriter _writer = new();

    public SeriesSet() => _byLabels = new Dictionary<Range, int>(this);

    public ReadOnlySpan<Series> All => CollectionsMarshal.AsSpan(_all);

    public ReadOnlySpan<byte> LabelsOf(in Series series) => _labels.WrittenSpan[series.Labels];

    public ReadOnlySpan<Bucket> BucketsOf(in Series series) => CollectionsMarshal.AsSpan(_buckets)[series.Buckets];

    public void Clear()
    {
        _byLabels.Clear();
        _all.Clear();
        _buckets.Clear();
        _labels.ResetWrittenCount();
    }

    public void Add(Metric metric)
    {
        var isHistogram = metric.MetricType is MetricType.Histogram or MetricType.ExponentialHistogram;
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var start = _labels.WrittenCount;
            _writer.Write(_labels, point.Tags, isHistogram);
            var series = Read(metric.MetricType, point, start.._labels.WrittenCount);
            if (_byLabels.TryAdd(series.Labels, _all.Count))
                _all.Add(series);
            else if (metric.MetricType is not (MetricType.LongGauge or MetricType.DoubleGauge))
                AddUp(ref CollectionsMarshal.AsSpan(_all)[_byLabels[series.Labels]], series);
        }
    }

    private Series Read(MetricType type, in MetricPoint point, Range labels)
    {
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                return new Series(labels, point.GetSumLong());
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                return new Series(labels, point.GetSumDouble());
            case MetricType.LongGauge:
                return new Series(labels, point.GetGaugeLastValueLong());
            case MetricType.DoubleGauge:
                return new Series(labels, point.GetGaugeLastValueDouble());
            case MetricType.Histogram:
                var start = _buckets.Count;
                foreach (var bucket in point.GetHistogramBuckets())
                {
                    // The last one, up to infinity, is written from the count.
                    if (!double.IsPositiveInfinity(bucket.ExplicitBound))
                        _buckets.Add(new Bucket(bucket.ExplicitBound, bucket.BucketCount));
                }

                return new Series(labels, point.GetHistogramSum(), point.GetHistogramCount(), start.._buckets.Count);
            case MetricType.ExponentialHistogram:
                // This text format has no exponential buckets: count and sum are what remains.
                return new Series(labels, point.GetHistogramSum(), point.GetHistogramCount());
            default:
                throw new UnreachableException($"There is no metric type {type}.");
        }
    }

    private void AddUp(ref Series first, in Series repeat)
    {
        var into = CollectionsMarshal.AsSpan(_buckets)[first.Buckets];
        var from = CollectionsMarshal.AsSpan(_buckets)[repeat.Buckets];
        if (!SameBounds(into, from))
            return;
        for (var i = 0; i < into.Length; i++)
            into[i].Count += from[i].Count;
        first.Value += repeat.Value;
        first.Count += repeat.Count;
    }

    private static bool SameBounds(ReadOnlySpan<Bucket> a, ReadOnlySpan<Bucket> b)
    {
        if (a.Length != b.Length)
            return false;
        for (var i = 0; i < a.Length; i++)
        {
            if (!a[i].UpTo.Equals(b[i].UpTo))
                return false;
        }

        return true;
    }

    bool IEqualityComparer<Range>.Equals(Range x, Range y) => _labels.WrittenSpan[x].SequenceEqual(_labels.WrittenSpan[y]);

    int IEqualityComparer<Range>.GetHashCode(Range labels)
    {
        var hash = new HashCode();
        hash.AddBytes(_labels.WrittenSpan[labels]);
        return hash.ToHashCode();
    }

    /// <param name="Labels">Where the rendered labels are; likewise <paramref name="Buckets"/>.</param>
    /// <param name="Value">A counter's or gauge's value, a histogram's sum. Prometheus has nothing but doubles.</param>
    /// <param name="Count">A histogram's number of observations.</param>
    [StructLayout(LayoutKind.Auto)]
    internal record struct Series(Range Labels, double Value, long Count = 0, Range Buckets = default);

    /// <param name="UpTo">The inclusive upper bound.</param>
    /// <param name="Count">Observations in this bucket alone; Prometheus wants them cumulative.</param>
    [StructLayout(LayoutKind.Auto)]
    internal record struct Bucket(double UpTo, long Count);
}

/// <summary>Renders the labels of a series in one canonical form: by name, none twice, none empty.</summary>
internal sealed class LabelWriter
{
    // Label names are closed sets. Should somebody make them up, the cache is dropped rather than growing.
    private const int MaxNames = 4096;

    private readonly Dictionary<string, string> _names = [];
    private readonly List<(string Name, string Key, string Value)> _labels = [];

    /// <param name="isHistogram">Whether <c>le</c> is taken by the bucket's bound: a label of that name becomes <c>exported_le</c>.</param>
    public void Write(IBufferWriter<byte> output, ReadOnlyTagCollection tags, bool isHistogram)
    {
        _labels.Clear();
        foreach (var (key, value) in tags)
        {
            // To Prometheus an empty label is none at all, so two series that differ in one only would be the same.
            if (PrometheusText.LabelValue(value) is { Length: > 0 } text)
                _labels.Add((NameOf(key, isHistogram), key, text));
        }

        _labels.Sort(static (a, b) =>
            string.CompareOrdinal(a.Name, b.Name) is var order and not 0 ? order : string.CompareOrdinal(a.Key, b.Key));
        for (var i = 0; i < _labels.Count; i++)
        {
            // Keys that become the same name ("a.b" and "a_b") share one label.
            var isSameName = i > 0 && _labels[i].Name == _labels[i - 1].Name;
            if (!isSameName)
            {
                output.Write(i > 0 ? "\","u8 : ""u8);
                PrometheusText.Write(output, _labels[i].Name);
            }

            output.Write(isSameName ? ";"u8 : "=\""u8);
            PrometheusText.WriteEscaped(output, _labels[i].Value);
        }

        if (_labels.Count > 0)
            output.Write("\""u8);
    }

    private string NameOf(string key, bool isHistogram)
    {
        if (!_names.TryGetValue(key, out var name))
        {
            if (_names.Count >= MaxNames)
                _names.Clear();
            _names[key] = name = PrometheusText.LabelName(key);
        }

        return isHistogram && name == "le" ? "exported_le" : name;
    }
}

/// <summary>The words of the text format: names, units, numbers, escapes.</summary>
internal static class PrometheusText
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\\"\n");

    /// <summary>UCUM's symbols for what is measured here (OpenTelemetry, "Instrument units"); any other unit stays as it is.</summary>
    private static readonly FrozenDictionary<string, string> Units = new Dictionary<string, string>
    {
        ["d"] = "days", ["h"] = "hours", ["min"] = "minutes", ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds",
        ["ns"] = "nanoseconds", ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes",
        ["kBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes", ["%"] = "percent", ["1"] = "", ["Cel"] = "celsius",
    }.ToFrozenDictionary();

    /// <summary>The family's name: sanitised, its unit at the end, of a counter followed by <c>_total</c>, each once.</summary>
    /// <param name="unit">In UCUM, such as <c>s</c>, <c>By</c>, <c>By/s</c>; annotations in braces add nothing.</param>
    public static string FamilyName(string instrument, string? unit, FamilyKind kind)
    {
        const string Total = "_total";
        const string Count = "_count";
        var name = Sanitize(instrument, allowColon: true);
        if (kind == FamilyKind.Counter && name.EndsWith(Total, StringComparison.Ordinal))
            name = name[..^Total.Length];

        var suffix = kind == FamilyKind.Gauge && unit == "1" ? "ratio" : UnitName(unit);
        if (suffix.Length > 0 && name != suffix && !name.EndsWith("_" + suffix, StringComparison.Ordinal))
            name = $"{name}_{suffix}";

        // The platform's gauges such as dotnet.timer.count would read as a histogram's count.
        if (kind == FamilyKind.Gauge && name.EndsWith(Count, StringComparison.Ordinal))
            name = $"{name[..^Count.Length]}_current";
        return kind == FamilyKind.Counter ? name + Total : name;
    }

    /// <summary>Never with two underscores in a row: Prometheus keeps names that start so for itself.</summary>
    public static string LabelName(string key) => Sanitize(key, allowColon: false);

    public static string LabelValue(object? value) => value switch
    {
        null => "",
        string text => text,
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>In help text a quote stands for itself, unlike in label values.</summary>
    public static string EscapeHelp(string help) =>
        help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>UTF-8; what is no valid UTF-16 becomes U+FFFD.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);

    public static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<char> value)
    {
        for (var next = value.IndexOfAny(Escaped); next >= 0; next = value.IndexOfAny(Escaped))
        {
            Write(output, value[..next]);
            output.Write(value[next] switch { '\\' => "\\\\"u8, '"' => "\\\""u8, _ => "\\n"u8 });
            value = value[(next + 1)..];
        }

        Write(output, value);
    }

    public static void WriteNumber(IBufferWriter<byte> output, double value)
    {
        if (double.IsFinite(value))
        {
            var span = output.GetSpan(32);  // the longest shortest form of a double has 24 characters
            if (!value.TryFormat(span, out var written, default, CultureInfo.InvariantCulture))
                throw new UnreachableException("A double has 24 characters at most.");
            output.Advance(written);
            return;
        }

        output.Write(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
    }

    private static string UnitName(string? unit)
    {
        var parts = WithoutAnnotations(unit ?? "").Split('/', 2);
        var name = Units.GetValueOrDefault(parts[0], parts[0]);
        if (parts is [_, { Length: > 0 } per])
            name += "_per_" + (Units.TryGetValue(per, out var plural) ? plural.TrimEnd('s') : per);
        return name.Length == 0 ? "" : Sanitize(name, allowColon: false).Trim('_');
    }

    private static string WithoutAnnotations(string unit)
    {
        for (var open = unit.IndexOf('{', StringComparison.Ordinal); open >= 0; open = unit.IndexOf('{', StringComparison.Ordinal))
        {
            var close = unit.IndexOf('}', open);
            unit = unit[..open] + (close < 0 ? "" : unit[(close + 1)..]);
        }

        return unit;
    }

    /// <summary>Whatever a name must not contain becomes an underscore, and underscores in a row become one.</summary>
    private static string Sanitize(string text, bool allowColon)
    {
        var name = new StringBuilder(text.Length + 1);
        if (text.Length == 0 || char.IsAsciiDigit(text[0]))
            name.Append('_');
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || (c == ':' && allowColon))
                name.Append(c);
            else if (name.Length == 0 || name[^1] != '_')
                name.Append('_');
        }

        return name.ToString();
    }
}
