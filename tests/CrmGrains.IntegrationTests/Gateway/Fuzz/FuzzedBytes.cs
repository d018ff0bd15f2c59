using System.Text;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>Breaks HTTP itself: what a client that can't speak it, or would smuggle something past a proxy, puts on the wire.</summary>
internal static class FuzzedBytes
{
    private static readonly string[] Lines =
    [
        "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 1, 2", "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity", "Host: other", "Host:", ": x", "no colon", " folded",
        "\tfolded", "X\0: y", "X: \0", "X : y", "X: y\nZ: q", "X: \u0001", "Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "Connection: close",
        "Expect: 100-continue", "TE: trailers", "Trailer: x", $"X-Long: {new string('a', 40_000)}",
    ];

    private static readonly string[] Starts =
    [
        "GET", "GET /", "GET / HTTP/9.9", "GET / HTTP/1.0", "POST  /v1/hooks/demo/diagnostic HTTP/1.1", "POST * HTTP/1.1", "CONNECT a:1 HTTP/1.1",
        "POST http://[::1/v1/hooks/demo/diagnostic HTTP/1.1", "POST http://a/v1/hooks/demo/stripe HTTP/1.1", "GET /\u00e9 HTTP/1.1", "GET /%zz HTTP/1.1",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u0016\u0003\u0001\u0002\u0000", "", "GET / HTTP/1.1 HTTP/1.1", $"GET /{new string('a', 9_000)} HTTP/1.1",
    ];

    public static FuzzedRequest Break(Random random, FuzzedRequest request)
    {
        var bytes = request.ToBytes();
        for (var times = random.Next(1, 4); times > 0; times--)
            bytes = Broken(random, bytes);

        // A signature that was right may be broken by it now.
        return request with { Broken = bytes, IsGenuine = request.IsGenuine == true ? null : request.IsGenuine, Source = null };
    }

    private static byte[] Broken(Random random, byte[] bytes)
    {
        var head = Math.Max(0, bytes.AsSpan().IndexOf("\r\n\r\n"u8));
        var line = Math.Max(0, bytes.AsSpan().IndexOf("\r\n"u8));
        var at = random.Next(head + 1);
        return random.Next(8) switch
        {
            0 => [.. bytes[..line], .. "\r\n"u8, .. Encoding.Latin1.GetBytes(Lines[random.Next(Lines.Length)]), .. bytes[line..]],
            1 => [.. Encoding.Latin1.GetBytes(Starts[random.Next(Starts.Length)]), .. bytes[line..]],
            2 => [.. bytes[..at], (byte)random.Next(256), .. bytes[Math.Min(bytes.Length, at + 1)..]],
            3 => bytes[..at],
            4 => bytes[..random.Next(bytes.Length + 1)],
            5 => [.. bytes, .. bytes[..random.Next(bytes.Length + 1)]],
            6 => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes, 0, head).Replace("\r\n", "\n", StringComparison.Ordinal)).Concat(bytes[head..]).ToArray(),
            _ => [.. bytes[..line], .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 150).Select(number => $"\r\nX-{number}: y"))), .. bytes[line..]],
        };
    }
}
