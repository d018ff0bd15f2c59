using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>How a source reads a body: which path of it became which field of the contract, and what nobody read.</summary>
public sealed record Explanation
{
    // What nobody would read to its end.
    private const int MaxPaths = 2_000;

    /// <summary><c>event</c>, <c>rejected</c> or <c>ignored</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it is ignored; null where it isn't.</summary>
    public string? Reason { get; init; }

    /// <summary>What is wrong, where it is rejected.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>The event's fields, in the order in which they are stored; where it is rejected, what could be read of it.</summary>
    public IReadOnlyList<ExplainedField> Fields { get; init; } = [];

    /// <summary>Paths of the body that nobody read.</summary>
    public IReadOnlyList<string> Unmapped { get; init; } = [];

    /// <summary>Each of its events, where the body tells of several.</summary>
    public IReadOnlyList<Explanation>? Parts { get; init; }

    /// <summary>Reads a body as intake would. Pure, like the reading itself.</summary>
    public static Explanation Of(
        Guid eventId, DateTimeOffset receivedAt, ReadOnlyMemory<byte> body, SourceConfiguration source, WorkspaceConfiguration workspace)
    {
        var notes = new ReadingNotes();
        var delivery = new RawDelivery(eventId, receivedAt, body) { Notes = notes };
        var events = SourceFormats.For(source.Format).Normalize(delivery, source, workspace);
        return events.Count == 1
            ? OfOne(events[0], notes, body, source)
            : new Explanation { Outcome = "split", Parts = [.. events.Select(one => OfOne(one, notes, body, source))] };
    }

    private static Explanation OfOne(Normalized normalized, ReadingNotes notes, ReadOnlyMemory<byte> body, SourceConfiguration source) =>
        normalized switch
        {
            Normalized.Event made => Mapped(made.Value, notes, body, source),
            Normalized.Rejected rejected => new Explanation
            {
                Outcome = "rejected",
                Faults = rejected.Validation.Faults,
                Fields = [.. notes.All.GroupBy(note => note.Path).Select(read => Field("", read.Last().Value, [read.Key], How(read.Select(note => note.How))))],
                Unmapped = Left(body, notes.All.Select(note => note.Path)),
            },
            Normalized.Ignored ignored => new Explanation { Outcome = "ignored", Reason = ignored.Reason },
            var other => throw new InvalidOperationException($"Nothing is known of {other.GetType().Name}."),
        };

    private static Explanation Mapped(ContractEvent value, ReadingNotes notes, ReadOnlyMemory<byte> body, SourceConfiguration source)
    {
        var payload = PayloadValues(body);
        // The last thing done to what stands at a path is what became of it.
        var read = notes.All.GroupBy(note => note.Path)
            .Select(read => (Path: read.Key, read.Last().Value, How: How(read.Select(note => note.How))))
            .ToLookup(read => read.Value, StringComparer.Ordinal);
        var byPath = notes.All.ToLookup(note => note.Path, note => note.How, StringComparer.Ordinal);
        var stored = JsonSerializer.SerializeToElement(value, CoreJson.Default.ContractEvent);
        var fields = ReadingNotes.Values(stored).Take(MaxPaths).Select(field =>
        {
            // A path that leads nowhere gave nothing: then the value was made from others.
            if (source.Map.GetValueOrDefault(MapTargetOf(field.Path)) is { } mapped && byPath.Contains(mapped))
                return Field(field.Path, field.Value, [mapped], How(byPath[mapped]));
            if (OriginOf(field.Path) is { } origin)
                return Field(field.Path, field.Value, [], origin);
            if (field.Path.StartsWith("data.", StringComparison.Ordinal) && CopiedFrom(field, payload, source) is { } copied)
                return Field(field.Path, field.Value, [copied], "copied");
            var candidates = read[field.Value].ToList();
            return candidates.Count > 0
                ? Field(field.Path, field.Value, [.. candidates.Select(one => one.Path)], candidates[0].How)
                : Field(field.Path, field.Value, [], "made from other values");
        }).ToList();
        return new Explanation
        {
            Outcome = "event",
            Fields = fields,
            Unmapped = Left(body, notes.All.Select(note => note.Path).Concat(fields.SelectMany(field => field.From))),
        };
    }

    private static ExplainedField Field(string field, string value, IReadOnlyList<string> from, string how) => new(field, value, from, how);

    private static string How(IEnumerable<string> steps) => string.Join(", then ", steps.Distinct(StringComparer.Ordinal));

    // Maps have shorter names for two of the contract's.
    private static string MapTargetOf(string path) =>
        path == "consent_to_contact" ? "consent"
        : path.StartsWith("lead_context.", StringComparison.Ordinal) ? $"lead.{path["lead_context.".Length..]}"
        : path;

    private static string? OriginOf(string path) => path switch
    {
        "event_id" or "received_at" => "given on receipt",
        "workspace" or "source_system" or "source_rank" => "from the configuration",
        "schema_version" => "from the contract",
        "idempotency_key" => "from the source's template",
        _ => null,
    };

    private static string? CopiedFrom((string Path, string Value) field, List<(string Path, string Value)> payload, SourceConfiguration source)
    {
        var path = $"{source.Map.GetValueOrDefault("data", "data")}{field.Path["data".Length..]}";
        var name = field.Path[(field.Path.LastIndexOf('.') + 1)..];
        return payload.Exists(one => one == (path, field.Value)) ? path
            : payload.Find(one => one.Value == field.Value && one.Path.EndsWith(name, StringComparison.Ordinal)).Path;
    }

    private static List<string> Left(ReadOnlyMemory<byte> body, IEnumerable<string> read)
    {
        var known = read.ToHashSet(StringComparer.Ordinal);
        return [.. PayloadValues(body).Select(one => one.Path).Where(path => !known.Contains(path)).Take(MaxPaths)];
    }

    private static List<(string Path, string Value)> PayloadValues(ReadOnlyMemory<byte> body)
    {
        if (!StrictJson.TryParse(body, out var document, out _))
            return [];
        using (document)
            return [.. ReadingNotes.Values(document.RootElement)];
    }
}

/// <summary>Where a field of the contract has its value from.</summary>
/// <param name="Field">Its path in the contract; empty where the event was rejected and has no fields.</param>
/// <param name="Value">As it is stored; the entries of a list of texts are divided by line feeds.</param>
/// <param name="From">The body's paths; several where the same value stands at each of them, none where it isn't from the body.</param>
/// <param name="How">What was done to it.</param>
public sealed record ExplainedField(string Field, string Value, IReadOnlyList<string> From, string How);
