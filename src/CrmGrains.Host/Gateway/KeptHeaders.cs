using System.Text.Json;
using System.Buffers;

namespace CrmGrains.Host.Gateway;

/// <summary>The headers that are kept with a delivery: whatever the sender said, but for credentials and what belongs to the connection.</summary>
internal static class KeptHeaders
{
    private const int MaxBytes = 8 * 1024;

    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "X-Api-Key", "Cookie", "Proxy-Authorization", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade",
        "Host", "Accept", "Accept-Encoding", "Accept-Language", "Content-Length",
    };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _writer;

    /// <summary>A JSON object in UTF-8: name in lower case, and value.</summary>
    /// <param name="headers">As they came.</param>
    /// <param name="credential">The header that carries the source's secret itself; null where it has none.</param>
    public static byte[] Of(IHeaderDictionary headers, string? credential)
    {
        var (buffer, writer) = _writer ??= NewWriter();
        buffer.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
        foreach (var (name, values) in headers)
        {
            if (Dropped.Contains(name) || name.Equals(credential, StringComparison.OrdinalIgnoreCase))
                continue;
            var value = values.ToString();
            if (writer.BytesCommitted + writer.BytesPending + name.Length + value.Length * 3 > MaxBytes)
                continue;
            writer.WriteString(name.ToLowerInvariant(), value);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) NewWriter()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        return (buffer, new Utf8JsonWriter(buffer));
    }
}
