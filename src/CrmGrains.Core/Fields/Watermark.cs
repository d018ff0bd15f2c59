using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Core.Fields;

/// <summary>
/// When and by whom a value was said. A total order: later wins, then the higher rank of the source, then the event id, then how the event
/// was read last.
/// </summary>
/// <param name="OccurredAt">UTC; when it happened at the source.</param>
/// <param name="Rank">The rank of the source among those of the workspace; the higher one is trusted more.</param>
/// <param name="EventId">The event that said it.</param>
/// <param name="Revision">How often a replay has read the event anew with another result: what a mended map says replaces what the broken one said.</param>
public readonly record struct Watermark(
    DateTimeOffset OccurredAt, int Rank, Guid EventId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Revision = 0) : IComparable<Watermark>
{
    /// <inheritdoc/>
    public int CompareTo(Watermark other)
    {
        var byTime = OccurredAt.CompareTo(other.OccurredAt);
        if (byTime != 0)
            return byTime;
        var byRank = Rank.CompareTo(other.Rank);
        if (byRank != 0)
            return byRank;
        var byEvent = EventId.CompareTo(other.EventId);
        return byEvent != 0 ? byEvent : Revision.CompareTo(other.Revision);
    }

    /// <summary>Earlier than.</summary>
    public static bool operator <(Watermark left, Watermark right) => left.CompareTo(right) < 0;

    /// <summary>Later than.</summary>
    public static bool operator >(Watermark left, Watermark right) => left.CompareTo(right) > 0;

    /// <summary>Earlier than or the same.</summary>
    public static bool operator <=(Watermark left, Watermark right) => left.CompareTo(right) <= 0;

    /// <summary>Later than or the same.</summary>
    public static bool operator >=(Watermark left, Watermark right) => left.CompareTo(right) >= 0;
}

/// <summary>
/// A value and the watermark of whoever said it. Stored as <c>[value, occurred_at, rank, event_id]</c>, and the revision where there is one: a
/// state holds many.
/// </summary>
[JsonConverter(typeof(FieldJson))]
public readonly record struct Field(FieldValue Value, Watermark Mark);

internal sealed class FieldJson : JsonConverter<Field>
{
    private static readonly FieldValueJson Values = new();

    public override Field Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read())
            throw new JsonException("A field is an array of value, occurred_at, rank and event_id.");
        var value = Values.Read(ref reader, typeof(FieldValue), options);
        reader.Read();
        var occurredAt = reader.GetDateTimeOffset();
        reader.Read();
        var rank = reader.GetInt32();
        reader.Read();
        var eventId = reader.GetGuid();
        reader.Read();
        var revision = 0;
        if (reader.TokenType == JsonTokenType.Number)
        {
            revision = reader.GetInt32();
            reader.Read();
        }

        return new Field(value, new Watermark(occurredAt, rank, eventId, revision));
    }

    public override void Write(Utf8JsonWriter writer, Field value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        Values.Write(writer, value.Value, options);
        writer.WriteStringValue(value.Mark.OccurredAt);
        writer.WriteNumberValue(value.Mark.Rank);
        writer.WriteStringValue(value.Mark.EventId);
        if (value.Mark.Revision > 0)
            writer.WriteNumberValue(value.Mark.Revision);
        writer.WriteEndArray();
    }
}
