using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Core.Fields;

/// <summary>The value of one mapped field: what a source said and what a CRM may be told. A closed set; plain JSON when stored.</summary>
[JsonConverter(typeof(FieldValueJson))]
public abstract record FieldValue
{
    private FieldValue() { }

    /// <summary>A text; never empty.</summary>
    public sealed record Text(string Value) : FieldValue;

    /// <summary>An exact number.</summary>
    public sealed record Number(decimal Value) : FieldValue;

    /// <summary>Yes or no.</summary>
    public sealed record Flag(bool Value) : FieldValue;

    /// <summary>A multi-select: internal option names in the order given.</summary>
    public sealed record Many(IReadOnlyList<string> Values) : FieldValue
    {
        /// <inheritdoc/>
        public bool Equals(Many? other) => other is not null && Values.SequenceEqual(other.Values, StringComparer.Ordinal);

        /// <inheritdoc/>
        public override int GetHashCode() => Values.Aggregate(17, (hash, value) => HashCode.Combine(hash, value));
    }

    /// <summary>A text value, or nothing where the text is null or blank.</summary>
    public static FieldValue? Of(string? value) => string.IsNullOrWhiteSpace(value) ? null : new Text(value);

    /// <summary>A flag, or nothing.</summary>
    public static FieldValue? Of(bool? value) => value is { } flag ? new Flag(flag) : null;

    /// <summary>A number, or nothing.</summary>
    public static FieldValue? Of(decimal? value) => value is { } number ? new Number(number) : null;

    /// <summary>A multi-select, or nothing where it is empty.</summary>
    public static FieldValue? Of(IReadOnlyList<string>? values) => values is { Count: > 0 } ? new Many(values) : null;

    /// <summary>The value as one line of text, as a person would write it.</summary>
    public sealed override string ToString() => this switch
    {
        Text text => text.Value,
        Number number => number.Value.ToString(CultureInfo.InvariantCulture),
        Flag flag => flag.Value ? "true" : "false",
        Many many => string.Join(", ", many.Values),
        _ => "",
    };
}

/// <summary>Plain JSON: a text, a number, true or false, or a list of texts.</summary>
public sealed class FieldValueJson : JsonConverter<FieldValue>
{
    /// <inheritdoc/>
    public override FieldValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new FieldValue.Text(reader.GetString() ?? "");
            case JsonTokenType.Number:
                return new FieldValue.Number(reader.GetDecimal());
            case JsonTokenType.True:
            case JsonTokenType.False:
                return new FieldValue.Flag(reader.GetBoolean());
            case JsonTokenType.StartArray:
                var values = new List<string>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    values.Add(reader.GetString() ?? "");
                return new FieldValue.Many(values);
            default:
                throw new JsonException($"A field value can't be {reader.TokenType}.");
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FieldValue value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case FieldValue.Text text:
                writer.WriteStringValue(text.Value);
                break;
            case FieldValue.Number number:
                writer.WriteNumberValue(number.Value);
                break;
            case FieldValue.Flag flag:
                writer.WriteBooleanValue(flag.Value);
                break;
            case FieldValue.Many many:
                writer.WriteStartArray();
                foreach (var item in many.Values)
                    writer.WriteStringValue(item);
                writer.WriteEndArray();
                break;
        }
    }
}
