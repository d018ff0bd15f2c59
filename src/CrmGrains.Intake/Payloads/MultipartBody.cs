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
    // Far more than a thousand fields need.
    private const int MaxCharsetsBytes = 64 * 1024;

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
        var charsetOf = Charsets(parts, charsets);
        var fields = new BodyFields();
        foreach (var part in parts)
        {
            if (NameOf(part) is { } name && !Add(fields, name, part, charsetOf?.GetValueOrDefault(name)))
                break;
        }

        return fields.TryToJson(out document, out fault);
    }

    private static string? NameOf(MimePart part) => MimeHeaders.Parameter(part.Headers["Content-Disposition"], "name");

    private static bool Add(BodyFields fields, string name, MimePart part, string? charset) =>
        MimeHeaders.Parameter(part.Headers["Content-Disposition"], "filename") is { } fileName
            ? fields.AddFile(name, fileName, part.ContentType, part.Body.Length)
            : fields.Add(name, TextEncodings.Decode(part.Body.Span, charset ?? MimeHeaders.Parameter(part.Headers["Content-Type"], "charset")));

    // Once for all: what names many fields is looked up for each of many.
    private static Dictionary<string, string?>? Charsets(List<MimePart> parts, string? field)
    {
        var part = field is null ? null : parts.Find(one => NameOf(one) == field);
        if (part is null || part.Body.Length > MaxCharsetsBytes || !StrictJson.TryParse(part.Body, out var document, out _))
            return null;
        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject()
                    .Where(charset => charset.Value.ValueKind == JsonValueKind.String)
                    .ToDictionary(charset => charset.Name, charset => charset.Value.GetString(), StringComparer.Ordinal)
                : null;
        }
    }
}
