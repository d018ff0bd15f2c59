using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CrmGrains.Host.Commands;

/// <summary>A delivery that is sent to try a source out.</summary>
/// <param name="Source">In whose name.</param>
/// <param name="Event">What it tells of.</param>
/// <param name="Body">The exact bytes.</param>
/// <param name="Headers">Those that its sender adds, besides the signature.</param>
internal sealed record SampleDelivery(string Source, string Event, byte[] Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>Sends deliveries and waits until each is decided: one line for each, in their order.</summary>
internal sealed class SampleRun(HostClient host, SignedSender sender, bool isJson)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>An id that no delivery had yet.</summary>
    public static string NewId() => $"msg_{Guid.NewGuid():N}";

    /// <summary>Runs it.</summary>
    /// <returns>0 where all were taken and decided; else 1.</returns>
    public async Task<int> RunAsync(IReadOnlyList<SampleDelivery> deliveries, CancellationToken cancellationToken)
    {
        var sent = new List<Sent>(deliveries.Count);
        foreach (var delivery in deliveries)
            sent.Add(await SendAsync(delivery, cancellationToken));
        var failed = 0;
        foreach (var one in sent)
        {
            var outcome = one.EventId is { } id ? await OutcomeAsync(id, cancellationToken) : null;
            failed += outcome is null ? 1 : 0;
            await Console.Out.WriteLineAsync(isJson ? ToJson(one, outcome) : ToText(one, outcome));
        }

        return failed == 0 ? 0 : 1;
    }

    private async Task<Sent> SendAsync(SampleDelivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            var (eventId, isDuplicate) = await sender.SendAsync(delivery.Source, delivery.Body, delivery.Headers, NewId(), cancellationToken);
            return new Sent(delivery, 202, eventId, isDuplicate, null);
        }
        catch (HostException exception)
        {
            return new Sent(delivery, exception.Status, null, false, exception.Message);
        }
    }

    // What became of it: the customer's decision, or intake's where it got no further. Null where that takes too long.
    private async Task<string?> OutcomeAsync(Guid eventId, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            var trace = await host.GetAsync($"/v1/events/{eventId}", cancellationToken);
            var entries = trace.GetProperty("ledger").EnumerateArray().ToList();
            foreach (var kind in (ReadOnlySpan<string>)["event_received", "delivery_received"])
            {
                if (entries.Find(entry => entry.GetProperty("kind").GetString() == kind) is { ValueKind: JsonValueKind.Object } entry)
                    return entry.GetProperty("outcome").GetString();
            }

            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
        while (TimeProvider.System.GetElapsedTime(began) < Patience);
        return null;
    }

    private static string ToText(Sent one, string? outcome) =>
        $"{one.Delivery.Source}/{one.Delivery.Event}: {one.EventId?.ToString() ?? one.Error}"
        + (one.EventId is null ? "" : $" {outcome ?? "isn't decided yet"}{(one.IsDuplicate ? " (was there before)" : "")}");

    private static string ToJson(Sent one, string? outcome)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("source", one.Delivery.Source);
            writer.WriteString("event", one.Delivery.Event);
            if (one.Status is { } status)
                writer.WriteNumber("status", status);
            else
                writer.WriteNull("status");
            writer.WriteString("event_id", one.EventId?.ToString());
            writer.WriteBoolean("duplicate", one.IsDuplicate);
            writer.WriteString("outcome", outcome);
            if (one.Error is not null)
                writer.WriteString("error", one.Error);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private sealed record Sent(SampleDelivery Delivery, int? Status, Guid? EventId, bool IsDuplicate, string? Error);
}
