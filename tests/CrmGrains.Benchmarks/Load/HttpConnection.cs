using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CrmGrains.Benchmarks.Load;

/// <summary>A kept-alive HTTP/1.1 connection with one request in flight. It reads no more of an answer than its status and where it ends.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[8 * 1024];

    public static async Task<HttpConnection> OpenAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        try
        {
            await connection._socket.ConnectAsync(address, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a complete request and waits for its whole answer.</summary>
    /// <returns>The status.</returns>
    public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        // A kilobyte always fits into an idle connection's buffer, so this never sends a part only.
        await _socket.SendAsync(request, cancellationToken);
        var length = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_answer.AsMemory(length), cancellationToken);
            if (received == 0)
                throw new IOException("The server closed the connection in the middle of an answer.");
            length += received;
            if (IsComplete(_answer.AsSpan(0, length)))
                return int.Parse(_answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var headEnd = answer.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
            return false;
        var head = answer[..headEnd];
        var place = head.IndexOf("Content-Length: "u8);
        if (place < 0)
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var rest = head[(place + "Content-Length: ".Length)..];
        var lineEnd = rest.IndexOf((byte)'\r');
        var bodyLength = int.Parse(lineEnd < 0 ? rest : rest[..lineEnd], CultureInfo.InvariantCulture);
        return answer.Length >= headEnd + 4 + bodyLength;
    }
}
