using System.Buffers;
using System.Text.Json;

namespace CrmGrains.Intake.Sources;

/// <summary>A change of a record in a CRM, as the contract has it. Objects have one name in all CRMs: <c>contact</c>, <c>company</c>, <c>deal</c>.</summary>
internal sealed record CrmRecord(string System, string Object, string? Id, string Change)
{
    /// <summary>The type of the events that tell of it.</summary>
    public const string Changed = "crm.record.changed";

    /// <summary>The values that changed; null where it isn't said.</summary>
    public JsonElement? Fields { get; init; }

    /// <summary>The record that lives on after a merge.</summary>
    public string? MergedInto { get; init; }

    /// <summary>The records that a merge ended.</summary>
    public IReadOnlyList<string>? MergedIds { get; init; }

    public JsonElement ToData() => new EventData()
        .Add("system", System)
        .Add("object", Object)
        .Add("record_id", Id)
        .Add("change", Change)
        .Add("fields", Fields)
        .Add("merged_into", MergedInto)
        .Add("merged_ids", MergedIds)
        .ToJson();
}

/// <summary>Writes the values of a record that changed. Unlike elsewhere, null is a value here: the field was emptied.</summary>
internal sealed class RecordFields : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly Utf8JsonWriter _writer;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public RecordFields()
    {
        _writer = new Utf8JsonWriter(_buffer);
        _writer.WriteStartObject();
    }

    /// <summary>Adds a value as it is; the first of a name counts.</summary>
    public RecordFields Add(string name, JsonElement? value)
    {
        if (!_names.Add(name))
            return this;
        _writer.WritePropertyName(name);
        if (value is { ValueKind: not JsonValueKind.Undefined } json)
            json.WriteTo(_writer);
        else
            _writer.WriteNullValue();
        return this;
    }

    /// <summary>Adds a text.</summary>
    public RecordFields Add(string name, string? value)
    {
        if (_names.Add(name))
            _writer.WriteString(name, value);
        return this;
    }

    /// <summary>Adds a yes or a no.</summary>
    public RecordFields Add(string name, bool value)
    {
        if (_names.Add(name))
            _writer.WriteBoolean(name, value);
        return this;
    }

    /// <summary>What was added; null where nothing was. Nothing can be added after it.</summary>
    public JsonElement? ToJson()
    {
        _writer.WriteEndObject();
        Dispose();
        if (_names.Count == 0)
            return null;
        var reader = new Utf8JsonReader(_buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    public void Dispose() => _writer.Dispose();
}
