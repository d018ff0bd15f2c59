using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CrmGrains.Tests.Metrics;

/// <summary>A strict reader of the text format, written from its specification and sharing nothing with the exporter.</summary>
internal static partial class ExpositionReader
{
    /// <returns>Every sample by name and labels; labels with their values unescaped.</returns>
    /// <exception cref="FormatException">A malformed line, a family or series that comes twice, a sample of no family.</exception>
    public static Dictionary<string, double> Read(string text)
    {
        var samples = new Dictionary<string, double>();
        var families = new Dictionary<string, string>();
        var (family, type) = ("", "");
        foreach (var line in text.Split('\n')[..^1])
        {
            if (HelpLine().Match(line) is { Success: true })
                continue;
            if (TypeLine().Match(line) is { Success: true } typed)
            {
                (family, type) = (typed.Groups["name"].Value, typed.Groups["type"].Value);
                if (!families.TryAdd(family, type))
                    throw new FormatException($"Family {family} comes twice.");
                continue;
            }

            var sample = SampleLine().Match(line);
            if (!sample.Success)
                throw new FormatException($"Not a line of the format: {line}");
            var name = sample.Groups["name"].Value;
            if (name != family && !(type == "histogram" && name.StartsWith(family + "_", StringComparison.Ordinal)))
                throw new FormatException($"Sample {name} stands under {family}.");
            var labels = Labels(sample);
            if (labels.DistinctBy(label => label.Name).Count() != labels.Count)
                throw new FormatException($"A label comes twice: {line}");
            var series = name + string.Concat(labels.OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => $"|{l.Name}={l.Value}"));
            if (!samples.TryAdd(series, Number(sample.Groups["number"].Value)))
                throw new FormatException($"Series {series} comes twice.");
        }

        return samples;
    }

    private static List<(string Name, string Value)> Labels(Match sample) =>
        [.. sample.Groups["label"].Captures.Zip(sample.Groups["value"].Captures, (name, value) => (name.Value, Unescape(value.Value)))];

    private static string Unescape(string value)
    {
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
            text.Append(value[i] != '\\' ? value[i] : value[++i] == 'n' ? '\n' : value[i]);
        return text.ToString();
    }

    private static double Number(string number) => number switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* (\\\\|\\n|[^\\])*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex(
        @"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((^|,|(?<={))(?<label>(?!__)[a-zA-Z_][a-zA-Z0-9_]*)=""(?<value>(\\\\|\\n|\\""|[^\\""])+)"")+\})? (?<number>[-+0-9.eEInfNa]+)\z",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SampleLine();
}
