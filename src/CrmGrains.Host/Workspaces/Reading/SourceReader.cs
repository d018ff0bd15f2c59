using System.Text.RegularExpressions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>sources</c>.</summary>
internal static partial class SourceReader
{
    public static IReadOnlyDictionary<string, SourceConfiguration> Read(Value? sources)
    {
        var read = new Dictionary<string, SourceConfiguration>();
        foreach (var (name, key, value) in sources?.Entries() ?? [])
        {
            if (!NamePattern().IsMatch(name))
                key.Fault("It is part of the hook's address: up to 40 lower-case letters, digits, `-` and `_`, a letter first.");
            read[name] = Read(name, value);
        }

        return read;
    }

    private static SourceConfiguration Read(string name, Value value)
    {
        var source = value.Section(
            ["format", "system", "verification"],
            ["rank", "paused", "delivery_id", "event_type", "event_types", "idempotency_key", "map", "keep", "expect", "pull"]);
        var format = source["format"]?.OneOf(SourceFormats.Names, "the format");
        var map = Map(source["map"]);
        if (format is not null)
            CheckFormat(format, value, source, map);
        var verification = source["verification"] is { } section ? VerificationReader.Read(section, format is null ? "" : SourceFormats.For(format).Scheme) : VerificationReader.None;
        if (format is not null && verification.Scheme.Length > 0)
            CheckDeliveryId(format, verification.Scheme, value, source);

        return new SourceConfiguration
        {
            Name = name,
            Format = format ?? "",
            System = source["system"]?.Name() ?? "",
            Rank = source["rank"]?.Whole(0, 1000) ?? 0,
            IsPaused = source["paused"]?.Flag() ?? false,
            Expect = source["expect"] is { } expect ? ExpectReader.Read(expect) : null,
            Verification = verification,
            DeliveryId = source["delivery_id"] is { } id ? DeliveryId(id) : null,
            EventType = source["event_type"] is { } type ? EventTypeOf(type) : null,
            EventTypes = EventTypes(source["event_types"]),
            IdempotencyKey = source["idempotency_key"] is { } template ? IdempotencyKey(template) : null,
            Map = map,
            Keep = KeepReader.Read(source["keep"]),
            Pull = source["pull"] is { } pull ? Pull(pull) : null,
        };
    }

    // What a format ignores would look as if it did something.
    private static void CheckFormat(string format, Value value, Section source, Dictionary<string, string> map)
    {
        var words = SourceFormats.For(format).Words;
        (string Key, FormatWords Word)[] optional =
            [("map", FormatWords.Map), ("event_types", FormatWords.EventTypes), ("event_type", FormatWords.EventType)];
        foreach (var (key, _) in optional.Where(one => !words.HasFlag(one.Word)))
            source[key]?.Fault($"The format {format} knows its payloads and doesn't read this. Leave it out, or use the format json.");

        var isPulled = words.HasFlag(FormatWords.Pull);
        if (isPulled && source["pull"] is null)
            value.Fault($"The format {format} only says that there is something to fetch. Add `pull` with the `token` to fetch it with.");
        else if (!isPulled)
            source["pull"]?.Fault($"The format {format} sends what it has to say. Leave it out.");

        if (format == "json" && !map.Keys.Any(IsIdentifier))
            value.Fault("Its events would name nobody. Map `contact.email`, `contact.phone` or `contact.external_ids.` and a system to a path.");
    }

    private static bool IsIdentifier(string field) =>
        field is "contact.email" or "contact.phone" || field.StartsWith(SourceWords.ExternalIdPrefix, StringComparison.Ordinal);

    // A sender that hears nothing sends again; without an id that would be another event.
    private static void CheckDeliveryId(string format, string scheme, Value value, Section source)
    {
        if (source["delivery_id"] is null && scheme != "standard_webhooks" && !SourceFormats.For(format).HasDeliveryId)
            value.Fault($"Neither the format {format} nor the scheme {scheme} has an id of deliveries. Add `delivery_id` with a header or with paths.");
    }

    private static PullConfiguration? Pull(Value value)
    {
        var section = value.Section(["token"], ["url"]);
        var url = section["url"] is { } address ? CrmReader.Address(address) : "https://api.airtable.com";
        return section["token"] is { } token && CrmReader.Secret(token) is { } secret && url is not null ? new PullConfiguration(url, secret) : null;
    }

    private static DeliveryIdConfiguration DeliveryId(Value value)
    {
        var section = value.Section([], ["header", "paths"]);
        var paths = section["paths"]?.Distinct(Path) ?? [];
        if (section["header"] is null == section["paths"] is null)
            value.Fault("It needs either `header` or `paths`.");
        else if (section["paths"]?.Items() is [])
            value.Fault("There must be a path at least.");
        return new DeliveryIdConfiguration(section["header"] is { } header ? Header(header) : null, paths);
    }

    private static Dictionary<string, string> EventTypes(Value? types)
    {
        var read = new Dictionary<string, string>();
        foreach (var (name, _, value) in types?.Entries() ?? [])
        {
            if (EventTypeOf(value) is { } type)
                read[name] = type;
        }

        return read;
    }

    private static Dictionary<string, string> Map(Value? map)
    {
        var read = new Dictionary<string, string>();
        foreach (var (field, key, value) in map?.Entries() ?? [])
        {
            if (!SourceWords.IsMapTarget(field))
                key.Fault($"The contract has no such field. It has {Value.OrList([.. SourceWords.MapTargets, SourceWords.ExternalIdPrefix + "*"], "and")}.");
            else if (Path(value) is { } path)
                read[field] = path;
        }

        return read;
    }

    /// <summary>A type of the contract's.</summary>
    public static string? EventTypeOf(Value value) => value.Line() is not { } type ? null
        : EventType.IsKnown(type) ? type
        : value.Wrong<string>($"names the event type `{Value.Clipped(type)}`, which the contract doesn't have. Use one of its types, or `custom.` and a name");

    private static string? IdempotencyKey(Value value)
    {
        if (value.Line() is not { } template)
            return null;
        if (Syntax.FaultOfTemplate(template, SourceWords.IdempotencyKeyParts, out var placeholders) is { } fault)
            return value.Wrong<string>(fault);
        return placeholders > 0 ? template : value.Wrong<string>("is the same for every event, so all but the first would be dropped. Name a placeholder, for example `{source_record_id}`");
    }

    private static string? Path(Value value) => value.Line() is not { } path ? null
        : Syntax.IsPayloadPath(path) ? path
        : value.Wrong<string>("must be a path of up to 200 characters into the payload, keys with dots between them");

    /// <summary>The name of a header.</summary>
    public static string? Header(Value value) => value.Line() is not { } header ? null
        : Syntax.IsHeader(header) ? header
        : value.Wrong<string>("must be the name of a header: up to 64 letters, digits and `-`");

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,39}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
