using System.Buffers;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;

namespace CrmGrains.Runtime.Turns;

/// <summary>
/// What a ledger entry keeps of a turn: <c>{"message":…,"decision":…,"effects":[…]}</c>. An event is referred to, a command is named:
/// both are rows of their own.
/// </summary>
internal sealed class TurnDetail : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer;

    public TurnDetail() => _writer = new Utf8JsonWriter(_buffer);

    public void Dispose() => _writer.Dispose();

    /// <summary>The detail of a turn that was run. What its message says already, how an event was matched and checked, the decision doesn't say again.</summary>
    /// <param name="message">As it is stored.</param>
    /// <param name="happened">The same, read.</param>
    /// <param name="decision">What the turn decided.</param>
    /// <param name="effects">What it asked for.</param>
    /// <param name="hasCrm">Whether the workspace has a CRM; without one, what is wanted there goes nowhere, and the entry says so.</param>
    public byte[] Of(ReadOnlySpan<byte> message, Message happened, Decision decision, IReadOnlyList<Effect> effects, bool hasCrm)
    {
        Begin(message);
        _writer.WritePropertyName("decision");
        JsonSerializer.Serialize(_writer, happened is Message.EventReceived received ? Besides(received, decision) : decision, CoreJson.Default.Decision);
        if (effects.Count > 0)
        {
            _writer.WriteStartArray("effects");
            foreach (var effect in effects)
                Write(effect, hasCrm);
            _writer.WriteEndArray();
        }

        return End();
    }

    /// <summary>The detail of a message that couldn't be handled; one that is no JSON is kept as a text.</summary>
    public byte[] OfFailure(byte[] message, string error)
    {
        Begin(IsJson(message) ? message : JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(message), CoreJson.Default.String));
        _writer.WriteString("error", error);
        return End();
    }

    private static Decision Besides(Message.EventReceived received, Decision decision) => decision with
    {
        Match = ReferenceEquals(decision.Match, received.Match) ? null : decision.Match,
        Validation = ReferenceEquals(decision.Validation, received.Validation) ? null : decision.Validation,
    };

    private static bool IsJson(byte[] text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Begin(ReadOnlySpan<byte> message)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WritePropertyName("message");
        _writer.WriteRawValue(message, skipInputValidation: true);
    }

    private byte[] End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    private void Write(Effect effect, bool hasCrm)
    {
        _writer.WriteStartObject();
        switch (effect)
        {
            case Effect.Send send:
                _writer.WriteString("send", send.Message.Name);
                _writer.WriteString("to", send.To.ToString());
                break;
            case Effect.SetTimer timer:
                _writer.WriteString("set_timer", timer.Timer);
                _writer.WriteString("due_at", timer.DueAt);
                break;
            case Effect.CancelTimer timer:
                _writer.WriteString("cancel_timer", timer.Timer);
                break;
            case Effect.Enqueue enqueue:
                _writer.WriteString("enqueue", enqueue.Command.Operation);
                _writer.WriteString("object", enqueue.Command.Object);
                _writer.WriteNumber("step", enqueue.Step);
                if (enqueue.Command.Channel is { } channel)
                    _writer.WriteString("channel", channel);
                else if (!hasCrm)
                    _writer.WriteString("nowhere", "no_crm");
                break;
            case Effect.OpenReview review:
                _writer.WriteString("open_review", review.Reason);
                _writer.WriteString("key", review.Key);
                break;
            case Effect.CloseReview review:
                _writer.WriteString("close_review", review.Key);
                break;
        }

        _writer.WriteEndObject();
    }
}
