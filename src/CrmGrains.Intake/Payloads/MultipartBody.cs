using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// Reads <c>multipart/form-data</c> (RFC 7578) as an object of texts, and files as <c>{name, content_type, size_bytes}</c>. Never throws,
/// whatever the bytes are.
/// </summary>
internal static class MultipartBody
{
    /// <summary>The document, which the caller disposes of; or the first fault.</summary>
    /// <param name="contentType">Names the boundary.</param>
    /// <param name="charsets">The field that says in JSON which charset each field has; null: each part says its own.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, string? contentType, string? charsets,
        [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out Fault? fault)
    {
        document = null;
        var boundary = MimeHeaders.Parameter(contentType, "boundary");
        if (boundary is null || !MimeParts.IsBoundary(boundary))
        {
            fault = new Fault("$", "boundary_missing", "Its content type names no boundary: send multipart/form-data with one of up to 70 characters.");
            return false;
        }

        // One more than allowed, so that there is a fault.
        var parts = MimeParts.Of(body, boundary).Take(BodyFields.MaxFields + 1).ToList();
        using var charsetOf = Charsets(parts, charsets);
        var fields = new BodyFields();
        foreach (var part in parts)
        {
            if (NameOf(part) is { } name && !Add(fields, name, part, CharsetOf(charsetOf, name)))
                break;
        }

        return fields.TryToJson(out document, out fault);
    }

    private static string? NameOf(MimePart part) => MimeHeaders.Parameter(part.Headers["Content-Disposition"], "name");

    private static bool Add(BodyFields fields, string name, MimePart part, string? charset) =>
        MimeHeaders.Parameter(part.Headers["Content-Disposition"], "filename") is { } fileName
            ? fields.AddFile(name, fileName, part.ContentType, part.Body.Length)
            : fields.Add(name, TextEncodings.Decode(part.Body.Span, charset ?? MimeHeaders.Parameter(part.Headers["Content-Type"], "charset")));

    private static JsonDocument? Charsets(List<MimePart> parts, string? field)
    {
        var part = field is null ? null : parts.Find(one => NameOf(one) == field);
        return part is not null && StrictJson.TryParse(part.Body, out var document, out _) ? document : null;
    }

    private static string? CharsetOf(JsonDocument? charsets, string name) =>
        charsets?.RootElement is { ValueKind: JsonValueKind.Object } root
        && root.TryGetProperty(name, out var charset) && charset.ValueKind == JsonValueKind.String
            ? charset.GetString()
            : null;
}
