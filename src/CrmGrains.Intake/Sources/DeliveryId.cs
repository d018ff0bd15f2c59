using System.Globalization;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// The id of a delivery, the same for each attempt at it. Asked before the body was read as a whole, so it looks no further into it than
/// it must, and whatever it can't make an id of is none.
/// </summary>
public static class DeliveryId
{
    // Bounded, as it is part of an index.
    private const int MaxLength = 400;

    /// <summary>
    /// The id where the source's configuration says that it is; else the one that was signed; else the format's own. Null where there
    /// is none, or only a part of it.
    /// </summary>
    public static string? Of(SourceConfiguration source, VerificationResult.Verified verified, SignedRequest request)
    {
        if (source.DeliveryId is { Header: { } header })
            return request.Header(header) is [{ } value] ? Usable(value) : null;
        if (source.DeliveryId is { Paths.Count: > 0 } configured)
            return Usable(Joined(request.Body.Span, configured.Paths));
        return verified.DeliveryId ?? Usable(SourceFormats.For(source.Format).DeliveryId(request));
    }

    // A part of an id would make one delivery of two. Escaped, so that "a:b" and "c" are not "a" and "b:c".
    private static string? Joined(ReadOnlySpan<byte> body, IReadOnlyList<string> paths)
    {
        var id = new StringBuilder();
        foreach (var path in paths)
        {
            if (At(body, path) is not { Length: > 0 } part || id.Length > MaxLength)
                return null;
            if (id.Length > 0)
                id.Append(':');
            id.Append(paths.Count == 1 ? part : Escaped(part));
        }
        return id.ToString();
    }

    private static string Escaped(string part) =>
        part.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string? Usable(string? id)
    {
        var trimmed = id?.Trim();
        return trimmed is { Length: > 0 and <= MaxLength } && !trimmed.Any(char.IsControl) ? trimmed : null;
    }

    /// <summary>The text or number at a path of a JSON body; null where there is none.</summary>
    internal static string? At(ReadOnlySpan<byte> body, string path)
    {
        var reader = new Utf8JsonReader(
            body.StartsWith("\uFEFF"u8) ? body[3..] : body, new JsonReaderOptions { MaxDepth = StrictJson.MaxDepth });
        try
        {
            if (!reader.Read())
                return null;
            foreach (var step in path.Split('.'))
            {
                if (!TryEnter(ref reader, step))
                    return null;
            }
            return reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                _ => null,
            };
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is none.
            return null;
        }
    }

    // Leaves the reader on the value of a step, if it is there.
    private static bool TryEnter(ref Utf8JsonReader reader, string step)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(step);
                reader.Read();
                if (isIt)
                    return true;
                reader.Skip();
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray
            && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (index-- == 0)
                    return true;
                reader.Skip();
            }
        }
        return false;
    }
}
