using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Intake.Drift;

/// <summary>Which paths of a source's payloads become fields of the contract: what would be lost with them is worth holding a delivery for.</summary>
internal sealed class MappedPaths
{
    // Fields that hold one of a few choices, and nothing of a person. Words of other fields are never kept.
    private static readonly HashSet<string> Choices = new(StringComparer.Ordinal)
    {
        "event_type", "lead.budget_range", "lead.urgency", "lead.detected_stack", "deal.pipeline", "deal.currency", "invoice.currency",
    };

    private static readonly Dictionary<string, string> DiagnosticForm = new(StringComparer.Ordinal)
    {
        ["source_record_id"] = "submission_id", ["occurred_at"] = "submitted_at", ["contact.email"] = "fields.email",
        ["contact.phone"] = "fields.phone", ["contact.full_name"] = "fields.full_name", ["company.name"] = "fields.company",
        ["company.domain"] = "fields.website", ["lead.budget_range"] = "fields.budget", ["lead.urgency"] = "fields.urgency",
        ["lead.pain_summary"] = "fields.pain", ["lead.detected_stack"] = "fields.stack", ["consent"] = "fields.consent",
    };

    private static readonly Dictionary<string, string> Stripe = new(StringComparer.Ordinal)
    {
        ["event_type"] = "type", ["occurred_at"] = "created", ["invoice.id"] = "data.object.id", ["invoice.currency"] = "data.object.currency",
        ["invoice.attempts"] = "data.object.attempt_count", ["contact.email"] = "data.object.customer_email",
    };

    private readonly HashSet<string> _leading = new(StringComparer.Ordinal) { "" };
    private readonly HashSet<string> _choices = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lists = new(StringComparer.Ordinal);

    private MappedPaths(SourceConfiguration source)
    {
        var fields = source.Format switch
        {
            "diagnostic_form" => DiagnosticForm,
            "stripe" => Stripe,
            "json" => WithDefaults(source),
            _ => new Dictionary<string, string>(source.Map, StringComparer.Ordinal),
        };
        Version = VersionOf(source);
        TypePath = fields.GetValueOrDefault("event_type");
        Paths = [.. fields.Values.Distinct(StringComparer.Ordinal)];
        foreach (var (field, path) in fields)
        {
            var shape = ShapePathOf(path);
            for (var at = shape; at.Length > 0; at = Sketch.ParentOf(at))
                _leading.Add(at);
            if (Choices.Contains(field))
                _choices.UnionWith([shape, $"{shape}[]"]);
            if (field == "lead.detected_stack")
                _lists.Add(shape);
        }
    }

    /// <summary>As the map has them.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The hash of whatever decides how the source's payloads are read.</summary>
    public string Version { get; }

    /// <summary>Where the events name their type; null where all are of one.</summary>
    public string? TypePath { get; }

    public static MappedPaths Of(SourceConfiguration source) => new(source);

    /// <summary>A map's path as a sketch has it: <c>items[].id</c> for <c>items.0.id</c>.</summary>
    public static string ShapePathOf(string path) =>
        path.Split('.').Aggregate("", (at, step) => step.All(char.IsAsciiDigit) ? $"{at}[]" : at.Length == 0 ? step : $"{at}.{step}");

    /// <summary>Whether the map reads this path of a sketch, or something below it.</summary>
    public bool Leads(string path) => _leading.Contains(path);

    /// <summary>Whether it holds one of a few choices.</summary>
    public bool HoldsWords(string path) => _choices.Contains(path);

    /// <summary>Whether a list and a single value read alike.</summary>
    public bool ReadsLists(string path) => _lists.Contains(path);

    // Where the map is silent the form of Standard Webhooks is read.
    private static Dictionary<string, string> WithDefaults(SourceConfiguration source)
    {
        var fields = new Dictionary<string, string>(source.Map, StringComparer.Ordinal);
        fields.TryAdd("source_record_id", "id");
        fields.TryAdd("occurred_at", "timestamp");
        if (source.EventType is null)
            fields.TryAdd("event_type", "type");
        return fields;
    }

    private static string VersionOf(SourceConfiguration source)
    {
        var text = new StringBuilder(source.Format).Append('\n').Append(source.EventType).Append('\n');
        foreach (var (name, value) in source.EventTypes.Concat(source.Map).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(name).Append('=').Append(value).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
