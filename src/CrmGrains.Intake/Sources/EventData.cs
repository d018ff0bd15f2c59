using System.Buffers;
using System.Text.Json;

namespace CrmGrains.Intake.Sources;

/// <summary>Writes the data of an event's type, by the contract's names. What is null or empty is left out.</summary>
internal sealed class EventData : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly Utf8JsonWriter _writer;

    public EventData()
    {
        _writer = new Utf8JsonWriter(_buffer);
        _writer.WriteStartObject();
    }

    public EventData Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _writer.WriteString(name, value);
        return this;
    }

    public EventData Add(string name, decimal? value)
    {
        if (value is { } number)
            _writer.WriteNumber(name, number);
        return this;
    }

    public EventData Add(string name, bool? value)
    {
        if (value is { } flag)
            _writer.WriteBoolean(name, flag);
        return this;
    }

    public EventData Add(string name, DateTimeOffset? value)
    {
        if (value is { } instant)
            _writer.WriteString(name, instant.ToUniversalTime());
        return this;
    }

    public EventData Add(string name, IReadOnlyList<string>? values)
    {
        if (values is not { Count: > 0 })
            return this;
        _writer.WriteStartArray(name);
        foreach (var value in values)
            _writer.WriteStringValue(value);
        _writer.WriteEndArray();
        return this;
    }

    /// <summary>Adds a part of the payload as it is.</summary>
    public EventData Add(string name, JsonElement? value)
    {
        if (value is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } json)
        {
            _writer.WritePropertyName(name);
            json.WriteTo(_writer);
        }

        return this;
    }

    /// <summary>What was added; nothing can be added after it.</summary>
    public JsonElement ToJson()
    {
        _writer.WriteEndObject();
        Dispose();
        var reader = new Utf8JsonReader(_buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    public void Dispose() => _writer.Dispose();
}
