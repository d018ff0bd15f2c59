using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CrmGrains.Host.Tracing;

/// <summary>A trace as a person reads it in a terminal.</summary>
internal static class TraceText
{
    private const int Wide = 110;

    public static string Of(EventTrace trace)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

        Line($"Event {trace.EventId}  {trace.Status.ToUpperInvariant()}");
        if (trace.DuplicateOf is { } first)
            Line($"  repeats event {first}");
        Line($"  {trace.Raw.Workspace}/{trace.Raw.Source}, delivery {trace.Raw.DeliveryId}, received {trace.Raw.ReceivedAt:yyyy-MM-dd HH:mm:ss.fff}Z");
        Line($"  verified by {trace.Raw.Verification}; {Encoding.UTF8.GetByteCount(trace.Raw.Body ?? "")} bytes, sha256 {trace.Raw.BodySha256[..16]}…");

        if (trace.NormalizedEvent is { } normalized)
        {
            Line($"");
            Line($"Normalized");
            Flatten(text, normalized, "  ", ["event_id", "workspace", "received_at"]);
        }

        Section(text, "Validation", trace.Validation);
        Section(text, "Routing", trace.Routing, "score_parts");
        Conditions(text, trace.Decision);
        Plan(text, trace.Plan);
        Commands(text, trace);
        Reviews(text, trace);

        Line($"");
        Line($"Ledger");
        foreach (var entry in trace.Ledger)
            Line($"  {entry.Partition,4}/{entry.Position,-6} {entry.BeganAt:HH:mm:ss.fff}  {entry.Kind,-18} {entry.Outcome,-13} {Short(entry.Grain)} v{entry.Version}");
        Line($"");
        Line($"CRM ids: {(trace.CrmIds.Count == 0 ? "none" : string.Join(", ", trace.CrmIds.Select(ids => $"{ids.Key} {string.Join("/", ids.Value)}")))}");
        Line($"Retries: {trace.Retries}. Replay: {(trace.ReplayEligible ? "safe" : "not now")}.");
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, JsonElement? json, params ReadOnlySpan<string> without)
    {
        if (json is not { } element)
            return;
        text.AppendLine().AppendLine(title);
        Flatten(text, element, "  ", without);
    }

    private static void Conditions(StringBuilder text, JsonElement? decision)
    {
        if (decision is not { } element || !element.TryGetProperty("conditions", out var conditions))
            return;
        text.AppendLine().AppendLine("Conditions");
        foreach (var condition in conditions.EnumerateArray())
        {
            var points = condition.TryGetProperty("points", out var value) ? value.GetInt32().ToString("+0;-0", CultureInfo.InvariantCulture) : "";
            var saw = condition.TryGetProperty("saw", out var seen) ? seen.GetString() : "nothing";
            text.AppendLine(Cut(
                $"  {(condition.GetProperty("holds").GetBoolean() ? "yes" : "no ")} {points,3}  {condition.GetProperty("rule").GetString()}: {condition.GetProperty("condition").GetString()} (saw {saw})"));
        }
    }

    private static void Plan(StringBuilder text, JsonElement? plan)
    {
        if (plan is not { } steps)
            return;
        text.AppendLine().AppendLine("Plan");
        foreach (var step in steps.EnumerateArray())
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {step.GetProperty("order").GetInt32()}. {step.GetProperty("object").GetString()} {step.GetProperty("operation").GetString()}{(step.GetProperty("required").GetBoolean() ? " (required)" : "")}");
    }

    private static void Commands(StringBuilder text, EventTrace trace)
    {
        if (trace.Commands.Count == 0)
            return;
        text.AppendLine().AppendLine("Commands");
        foreach (var command in trace.Commands)
        {
            text.AppendLine($"  {command.Object,-11} {command.Operation,-45} {command.State,-13} {command.Action} {command.CrmId}".TrimEnd());
            if (command.BlockedOn is not null)
                text.AppendLine(CultureInfo.InvariantCulture, $"      waits for {Short(command.BlockedOn)}");
            if (command.Error is not null)
                text.AppendLine(Cut($"      {command.Error}: {command.ErrorDetail}"));
            foreach (var call in command.Attempts)
                text.AppendLine(Cut(
                    $"      attempt {call.Attempt}: {call.Method} {call.Path} → {call.Status?.ToString(CultureInfo.InvariantCulture) ?? "no answer"} in {call.TookMs:0.0} ms, {call.Outcome}"));
        }
    }

    private static void Reviews(StringBuilder text, EventTrace trace)
    {
        foreach (var review in trace.Reviews)
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
                $"Review {review.Id} ({(review.ClosedAt is null ? "open" : review.Resolution)}): {review.Reason}").AppendLine($"  {review.Summary}");
        foreach (var letter in trace.DeadLetters)
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
                $"Dead letter {letter.Id} in {letter.Queue} ({(letter.EndedAt is null ? "open" : letter.Resolution)})").AppendLine(Cut($"  {letter.Error}"));
    }

    private static void Flatten(StringBuilder text, JsonElement json, string indent, ReadOnlySpan<string> without)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (without.Contains(property.Name))
                continue;
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                text.Append(indent).AppendLine(property.Name);
                Flatten(text, property.Value, indent + "  ", []);
            }
            else if (property.Value.ValueKind != JsonValueKind.Array || property.Value.GetArrayLength() > 0)
            {
                text.AppendLine(Cut($"{indent}{property.Name,-22} {Plain(property.Value)}"));
            }
        }
    }

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Plain)),
        _ => value.GetRawText(),
    };

    private static string Cut(string line)
    {
        line = line.ReplaceLineEndings(" ");
        return line.Length <= Wide ? line : line[..(Wide - 1)] + "…";
    }

    private static string Short(string grain) => grain.Length <= 60 ? grain : grain[..59] + "…";
}
