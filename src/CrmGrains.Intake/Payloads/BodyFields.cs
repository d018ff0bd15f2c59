using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Payloads;

/// <summary>The fields of a body that isn't JSON, which become an object of texts: a name that came more than once has an array.</summary>
internal sealed class BodyFields
{
    /// <summary>More are a mistake or an attack.</summary>
    public const int MaxFields = 1_000;

    private const int MaxNameLength = 200;

    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, List<Value>> _fields = new(StringComparer.Ordinal);
    private int _count;

    private Fault? _fault;

    /// <summary>Adds a text; false where there are too many, or its name is too long.</summary>
    public bool Add(string name, string text) => Add(name, new Value(text, null, null, 0));

    /// <summary>Adds what is known of a file; its bytes stay in the stored delivery.</summary>
    public bool AddFile(string name, string fileName, string? contentType, int bytes) => Add(name, new Value(null, fileName, contentType, bytes));

    /// <summary>The document, which the caller disposes of; or the first fault.</summary>
    public bool TryToJson([NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        document = null;
        fault = _fault ?? (_count > 0 ? null : new Fault("$", "empty_body", "The body has no fields: send some."));
        if (fault is not null)
            return false;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Written))
            Write(writer);
        document = JsonDocument.Parse(buffer.WrittenMemory);
        return true;
    }

    private bool Add(string name, Value value)
    {
        if (name.Length > MaxNameLength)
            _fault ??= new Fault("$", "name_too_long", $"A field's name has more than {MaxNameLength} characters: shorten it.");
        else if (++_count > MaxFields)
            _fault ??= new Fault("$", "too_many_fields", $"It has more than {MaxFields} fields: send fewer.");
        if (_fault is not null)
            return false;
        if (!_fields.TryGetValue(name, out var values))
            _fields[name] = values = new List<Value>(1);
        values.Add(value);
        return true;
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, values) in _fields)
        {
            writer.WritePropertyName(name);
            if (values.Count > 1)
                writer.WriteStartArray();
            foreach (var value in values)
                value.Write(writer);
            if (values.Count > 1)
                writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private readonly record struct Value(string? Text, string? FileName, string? ContentType, int Bytes)
    {
        public void Write(Utf8JsonWriter writer)
        {
            if (FileName is null)
            {
                writer.WriteStringValue(Text);
                return;
            }

            writer.WriteStartObject();
            writer.WriteString("name", FileName);
            if (ContentType is not null)
                writer.WriteString("content_type", ContentType);
            writer.WriteNumber("size_bytes", Bytes);
            writer.WriteEndObject();
        }
    }
}
