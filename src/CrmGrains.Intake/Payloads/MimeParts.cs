using System.Text;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// The parts of a multipart body (RFC 2046, section 5.1.1), each with its headers. The body is in memory already, so they are slices of
/// it; ASP.NET's reader is for streams and has no way to be called but an asynchronous one. Each byte is looked at once.
/// </summary>
internal static class MimeParts
{
    private const int MaxBoundaryLength = 70;

    /// <summary>Whether the standard allows it, and it can be told from the text around it.</summary>
    public static bool IsBoundary(string? boundary) => boundary is { Length: > 0 and <= MaxBoundaryLength } && Ascii.IsValid(boundary);

    /// <summary>The parts in order; the caller stops where it has enough.</summary>
    public static IEnumerable<MimePart> Of(ReadOnlyMemory<byte> body, string boundary)
    {
        var delimiter = Encoding.ASCII.GetBytes($"--{boundary}");
        var from = AfterDelimiter(body.Span, delimiter, 0, out _);
        while (from >= 0)
        {
            var next = AfterDelimiter(body.Span, delimiter, from, out var end);
            yield return MimePart.Of(body[from..end]);
            from = next;
        }
    }

    // Where the part after the next delimiter begins, -1 after the last one; and where what is before it ends.
    private static int AfterDelimiter(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, int from, out int end)
    {
        for (var at = from; body[at..].IndexOf(delimiter) is >= 0 and var found;)
        {
            var start = at + found;
            at = start + delimiter.Length;
            if (start > 0 && body[start - 1] != (byte)'\n')
                continue;
            var line = body[at..];
            var isLast = line.StartsWith("--"u8);
            var lineEnd = line.IndexOf((byte)'\n');
            var padding = (lineEnd < 0 ? line : line[..lineEnd])[(isLast ? 2 : 0)..];
            if (!isLast && padding.ContainsAnyExcept(" \t\r"u8))
                continue;
            end = Math.Max(from, start - (start > 1 && body[start - 2] == (byte)'\r' ? 2 : 1));
            return isLast || lineEnd < 0 ? -1 : at + lineEnd + 1;
        }

        // Cut off: what came is the part.
        end = body.Length;
        return -1;
    }
}

/// <summary>One part.</summary>
internal sealed record MimePart(MimeHeaders Headers, ReadOnlyMemory<byte> Body)
{
    public static MimePart Of(ReadOnlyMemory<byte> bytes)
    {
        var headers = MimeHeaders.Read(bytes.Span, out var length);
        return new MimePart(headers, bytes[length..]);
    }

    /// <summary>Its kind in lower case, without parameters; null where it doesn't say.</summary>
    public string? ContentType => Headers["Content-Type"]?.Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>The name of the file that it is; null where it is none.</summary>
    public string? FileName => MimeHeaders.Parameter(Headers["Content-Disposition"], "filename") ?? MimeHeaders.Parameter(Headers["Content-Type"], "name");
}
