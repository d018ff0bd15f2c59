using System.Text;
using System.Text.Json;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>
/// Turns of an intake queue that do what the message says: its body is <c>{"effects":[…],"bad":true}</c>. A bad one has a detail that no
/// text column takes. A timer named <c>bad…</c> is bad too.
/// </summary>
internal sealed class ScriptedTurns : ITurns
{
    /// <summary>Awaited in every batch; a test may hold it.</summary>
    public Func<Task> Pause { get; set; } = () => Task.CompletedTask;

    /// <summary>Told of every batch.</summary>
    public Action<TurnBatch> Saw { get; set; } = _ => { };

    public string PartitionKind => Runtime.Mailboxes.PartitionKind.IntakeQueue;

    public async Task<BatchResult> RunAsync(TurnBatch batch, CancellationToken cancellationToken)
    {
        Saw(batch);
        await Pause();
        return new BatchResult([.. batch.Messages.Select(message => Run(message, batch))], [], []);
    }

    private static TurnResult Run(MailboxMessage message, TurnBatch batch)
    {
        var result = new TurnResult
        {
            Message = message, EventId = message.EventId, Outcome = "record", Configuration = "", Detail = message.Body,
        };
        if (batch.Poisoned.TryGetValue(message.Id, out var reason))
            return result with { Outcome = "dead_lettered", Failure = reason };

        using var body = JsonDocument.Parse(message.Body);
        var isBad = message.Kind == "timer_fired"
            ? body.RootElement.GetProperty("timer").GetString()?.StartsWith("bad", StringComparison.Ordinal) == true
            : body.RootElement.TryGetProperty("bad", out _);
        if (isBad)
            result = result with { Detail = Encoding.UTF8.GetBytes("a\0b") };
        return body.RootElement.TryGetProperty("effects", out var effects)
            ? result with { Effects = [.. effects.EnumerateArray().Select(Effect)] }
            : result;
    }

    private static Effect Effect(JsonElement effect) => JsonSerializer.Deserialize(effect, CoreJson.Default.Effect) ?? throw new JsonException();
}
