using System.Globalization;
using System.Text;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>A request as a broken or hostile client makes it.</summary>
/// <param name="Method">Not always one that there is.</param>
/// <param name="Target">Path and query, as they are written.</param>
/// <param name="Headers">In their order, some of them twice.</param>
internal sealed record FuzzedRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    /// <summary>Whether its body is sent in chunks, without saying how long it is.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Whether it carries the source's own signature; null where nobody can say, since its head was changed.</summary>
    public bool? IsGenuine { get; init; }

    /// <summary>The configured source that it is posted to, at its exact address; null where it isn't.</summary>
    public string? Source { get; init; }

    /// <summary>Whether the source's sender drops what is answered with a 4xx.</summary>
    public bool IsMail { get; init; }

    /// <summary>The bytes to send instead, where HTTP itself is broken; null where it isn't.</summary>
    public byte[]? Broken { get; init; }

    /// <summary>As it goes over the wire.</summary>
    public byte[] ToBytes()
    {
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Method} {Target} HTTP/1.1\r\nHost: localhost\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(IsChunked ? "Transfer-Encoding: chunked\r\n\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n\r\n"));
        byte[] body = IsChunked && Body.Length > 0
            ? [.. Encoding.ASCII.GetBytes($"{Body.Length:x}\r\n"), .. Body, .. "\r\n0\r\n\r\n"u8]
            : IsChunked ? [.. "0\r\n\r\n"u8] : Body;
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. body];
    }

    /// <summary>For the message of a failing test; the seed and the number make the rest again.</summary>
    public override string ToString() =>
        $"{Method} {Target} with {Headers.Count} headers and {Body.Length} bytes{(IsChunked ? " in chunks" : "")}"
        + (Broken is { } bytes ? $", broken: {Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 2_000))}" : "");
}
