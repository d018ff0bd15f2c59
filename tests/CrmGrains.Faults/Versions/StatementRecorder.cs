using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CrmGrains.Faults.Versions;

/// <summary>A statement as a program prepares it.</summary>
/// <param name="Types">The parameters' types, by PostgreSQL's object ids; 0 where it is left to the server.</param>
internal sealed record PreparedStatement(string Sql, IReadOnlyList<uint> Types)
{
    public bool Equals(PreparedStatement? other) => other is not null && Sql == other.Sql && Types.SequenceEqual(other.Types);

    public override int GetHashCode() => Sql.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Stands between a program and PostgreSQL, lets everything through, and notes every statement that is prepared.</summary>
internal sealed class StatementRecorder : IAsyncDisposable
{
    private const byte Parse = (byte)'P';
    private const int HeaderBytes = 5;

    private readonly int _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<PreparedStatement, bool> _statements = [];
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;

    /// <param name="server">The port of PostgreSQL on loopback.</param>
    public StatementRecorder(int server)
    {
        _server = server;
        _listener.Start();
        Port = (_listener.LocalEndpoint as IPEndPoint)?.Port ?? 0;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public IReadOnlyList<PreparedStatement> Statements => [.. _statements.Keys.OrderBy(one => one.Sql, StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(RunAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private async Task RunAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            using (client)
            {
                await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
                (client.NoDelay, server.NoDelay) = (true, true);
                var back = server.GetStream().CopyToAsync(client.GetStream(), _stop.Token);
                await ForwardAsync(client.GetStream(), server.GetStream());
                server.Close();
                await back;
            }
        }
        catch (Exception exception) when (
            exception is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // One of the two has gone.
        }
    }

    // The first message has no type; all others are a type, their length without the type, and a body.
    private async Task ForwardAsync(NetworkStream client, NetworkStream server)
    {
        var header = new byte[HeaderBytes];
        for (var skip = 1; await ReadAsync(client, header.AsMemory(skip)); skip = 0)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
            if (!await ReadAsync(client, body))
                return;
            if (skip == 0 && header[0] == Parse)
                Note(body);
            await server.WriteAsync(header.AsMemory(skip), _stop.Token);
            await server.WriteAsync(body, _stop.Token);
        }
    }

    private async Task<bool> ReadAsync(NetworkStream stream, Memory<byte> whole) =>
        await stream.ReadAtLeastAsync(whole, whole.Length, throwOnEndOfStream: false, _stop.Token) == whole.Length;

    // The statement's name, its text, both ended by a zero, and the types.
    private void Note(ReadOnlySpan<byte> body)
    {
        body = body[(body.IndexOf((byte)0) + 1)..];
        var end = body.IndexOf((byte)0);
        var sql = Encoding.UTF8.GetString(body[..end]);
        body = body[(end + 1)..];
        var types = new uint[BinaryPrimitives.ReadInt16BigEndian(body)];
        for (var i = 0; i < types.Length; i++)
            types[i] = BinaryPrimitives.ReadUInt32BigEndian(body[(2 + (i * 4))..]);
        _statements[new PreparedStatement(sql, types)] = true;
    }
}
