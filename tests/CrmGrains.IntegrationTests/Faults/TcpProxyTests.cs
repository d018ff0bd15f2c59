using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CrmGrains.FaultProxy;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>The proxy does to connections what it says, to the byte, and leaves nothing open.</summary>
public sealed class TcpProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private TcpProxy? _proxy;

    private TcpProxy Proxy => _proxy ?? throw new InvalidOperationException("The proxy has not started.");

    public Task InitializeAsync()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _proxy = TcpProxy.Start(_listener.LocalEndPoint ?? throw new InvalidOperationException("Not bound."), TimeProvider.System, () => 0.5);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Proxy.DisposeAsync();
        _listener.Dispose();
    }

    [Fact]
    public async Task Bytes_go_through_both_ways_until_each_end_has_said_that_it_is_done()
    {
        using var pair = await OpenAsync();
        var (up, down) = (Bytes(300_000), Bytes(200_000));

        var received = await Task.WhenAll(
            SendAndEndAsync(pair.Client, up), SendAndEndAsync(pair.Server, down), ReadAllAsync(pair.Client), ReadAllAsync(pair.Server));

        Assert.Equal(down, received[2]);
        Assert.Equal(up, received[3]);
        await ClosedAsync();
    }

    [Fact]
    public async Task A_proxy_before_a_Unix_socket_carries_bytes_too()
    {
        var folder = Directory.CreateTempSubdirectory("crmgrains-proxy-");
        try
        {
            var name = new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "socket"));
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(name);
            listener.Listen();
            await using var proxy = TcpProxy.Start(name, TimeProvider.System, () => 0.5);
            using var client = await ConnectAsync(proxy.Port);
            using var server = await listener.AcceptAsync();

            await client.SendAsync(Bytes(10));

            Assert.Equal(Bytes(10), await ReadAsync(server, 10));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(Direction.ToServer, Ending.Close, 0)]
    [InlineData(Direction.ToServer, Ending.Close, 1)]
    [InlineData(Direction.ToClient, Ending.Close, 70_001)]
    [InlineData(Direction.ToClient, Ending.Reset, 10)]
    public async Task A_connection_is_cut_after_exactly_so_many_bytes(Direction direction, Ending ending, int bytes)
    {
        using var pair = await OpenAsync();
        var (from, to) = direction == Direction.ToServer ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
        await from.SendAsync(Bytes(7));
        await ReadAsync(to, 7);

        Proxy.Connections[0].EndAt(new Cut(direction, bytes) { Ending = ending });
        var reading = ReadAllAsync(to);
        await SendAsync(from, Bytes(100_000));

        Assert.Equal(Bytes(bytes), await reading);
        await ClosedAsync();
    }

    [Theory]
    [InlineData("a COMMIT b", 0, "a COMMIT")]
    [InlineData("a COMMIT b", 1, "a COMMIT ")]
    [InlineData("a COMMIT b", -6, "a ")]
    [InlineData("a COMMIT b", -3, "a COM")]
    [InlineData("COM|MIT b", 0, "COMMIT")]
    [InlineData("a C|OMM|IT| b", 1, "a COMMIT ")]
    [InlineData("a COM|MIT b", -6, "a COM")]
    [InlineData("COMM COMMIT COMMIT", 0, "COMM COMMIT")]
    public async Task A_connection_is_cut_at_a_text_of_the_protocol(string sent, int bytes, string passed)
    {
        using var pair = await OpenAsync();
        Proxy.EndAllAt(new Cut(Direction.ToServer, bytes) { After = "COMMIT" });
        var reading = ReadAllAsync(pair.Server);

        var total = 0;
        foreach (var piece in sent.Split('|'))
        {
            await pair.Client.SendAsync(Encoding.ASCII.GetBytes(piece));
            total += piece.Length;
            await UntilAsync("the piece to pass", () => Proxy.Connections.Count == 0 || Proxy.Connections[0].Passed(Direction.ToServer) == total);
        }

        Assert.Equal(passed, Encoding.ASCII.GetString(await reading));
    }

    [Fact]
    public async Task A_cut_may_be_set_for_connections_to_come()
    {
        Proxy.EndAllAt(new Cut(Direction.ToServer, 3), andNew: true);
        using var pair = await OpenAsync();

        await SendAsync(pair.Client, Bytes(10));

        Assert.Equal(Bytes(3), await ReadAllAsync(pair.Server));
    }

    [Fact]
    public async Task A_reset_is_an_error_to_both_ends()
    {
        using var pair = await OpenAsync();

        Proxy.EndAll(Ending.Reset);

        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReadAsync(pair.Client, 1))).SocketErrorCode);
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReadAsync(pair.Server, 1))).SocketErrorCode);
    }

    [Fact]
    public async Task What_is_held_arrives_late_and_in_order_and_so_does_the_end()
    {
        using var pair = await OpenAsync();
        Proxy.Faults = LinkFaults.Silent(Flow.Hold);
        var reading = ReadAllAsync(pair.Server);
        await SendAndEndAsync(pair.Client, Bytes(50_000));

        await Assert.ThrowsAsync<TimeoutException>(() => reading.WaitAsync(TimeSpan.FromMilliseconds(200)));
        Proxy.Faults = LinkFaults.None;

        Assert.Equal(Bytes(50_000), await reading);
    }

    [Fact]
    public async Task What_is_swallowed_never_arrives_and_the_connection_stays_open_although_an_end_is_gone()
    {
        using var pair = await OpenAsync();
        Proxy.Connections[0].Faults = new LinkFaults { ToServer = new DirectionFaults { Flow = Flow.Swallow } };
        var reading = ReadAllAsync(pair.Server);
        await SendAsync(pair.Client, Bytes(1_000_000));
        await pair.Server.SendAsync(Bytes(5));
        Assert.Equal(Bytes(5), await ReadAsync(pair.Client, 5));

        pair.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        pair.Client.Dispose();
        await Assert.ThrowsAsync<TimeoutException>(() => reading.WaitAsync(TimeSpan.FromMilliseconds(200)));
        Proxy.Connections[0].Faults = LinkFaults.None;

        Assert.Empty(await reading);
        await ClosedAsync();
    }

    [Fact]
    public async Task Each_direction_has_its_own_delay_with_jitter()
    {
        using var pair = await OpenAsync();
        Proxy.Faults = new LinkFaults { ToServer = new DirectionFaults { Delay = TimeSpan.FromMilliseconds(200), Jitter = TimeSpan.FromMilliseconds(200) } };

        var began = Stopwatch.GetTimestamp();
        await pair.Server.SendAsync(Bytes(1));
        await ReadAsync(pair.Client, 1);
        var back = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        await pair.Client.SendAsync(Bytes(1));
        await ReadAsync(pair.Server, 1);

        // The draw is 0.5 here. Only what can't be slower on a busy machine is compared.
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(295), "The way that is delayed was too quick.");
        Assert.True(back < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task While_new_connections_are_refused_the_open_ones_go_on()
    {
        using var pair = await OpenAsync();
        Proxy.RefusesNew = true;
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var refused = await ConnectAsync(Proxy.Port);
            await ReadAsync(refused, 1);
        });
        await pair.Client.SendAsync(Bytes(3));
        Assert.Equal(Bytes(3), await ReadAsync(pair.Server, 3));

        Proxy.RefusesNew = false;
        using var other = await OpenAsync();
        Assert.Equal(2, Proxy.Connections.Count);
    }

    [Fact]
    public async Task A_sender_that_is_faster_than_its_receiver_has_to_wait()
    {
        using var pair = await OpenAsync();
        pair.Client.Blocking = false;
        var piece = Bytes(64 * 1024);
        long sent = 0;
        await UntilAsync("a sender that has to wait", () =>
        {
            try
            {
                sent += pair.Client.Send(piece);
                return false;
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                return true;
            }
        });

        Assert.InRange(sent, 1, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Nothing_is_left_open_after_hundreds_of_connections_that_ended_in_every_way()
    {
        var before = OpenSockets();
        for (var number = 0; number < 200; number++)
        {
            using var pair = await OpenAsync();
            switch (number % 4)
            {
                case 0:
                    Proxy.EndAll(Ending.Reset);
                    break;
                case 1:
                    Proxy.EndAllAt(new Cut(Direction.ToServer, 1));
                    await SendAsync(pair.Client, Bytes(2));
                    break;
                case 2:
                    pair.Client.Dispose();
                    break;
            }
        }

        await ClosedAsync();
        await UntilAsync("the sockets to be closed", () => OpenSockets() <= before + 4);
    }

    private static int OpenSockets() => Directory.GetFiles("/proc/self/fd")
        .Count(link => new FileInfo(link).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private Task ClosedAsync() => UntilAsync("no open connection", () => Proxy.Connections.Count == 0);

    private async Task<Pair> OpenAsync()
    {
        var before = Proxy.Accepted;
        var pair = new Pair(await ConnectAsync(Proxy.Port), await _listener.AcceptAsync());
        // The server's end is there a moment before the proxy has noted the connection.
        await UntilAsync("the proxy to note it", () => Proxy.Accepted > before);
        return pair;
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(number => (byte)(number % 251))];

    // Whoever is cut off notices it at some later byte only.
    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
                sent += await socket.SendAsync(bytes.AsMemory(sent));
        }
        catch (SocketException)
        {
            // It was cut.
        }
    }

    private static async Task<byte[]> SendAndEndAsync(Socket socket, byte[] bytes)
    {
        await SendAsync(socket, bytes);
        socket.Shutdown(SocketShutdown.Send);
        return [];
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var bytes = new byte[count];
        for (var read = 0; read < count;)
            read += await socket.ReceiveAsync(bytes.AsMemory(read), patience.Token) is > 0 and var more ? more : throw new EndOfStreamException();
        return bytes;
    }

    private static async Task<byte[]> ReadAllAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (all, piece) = (new List<byte>(), new byte[8192]);
        try
        {
            while (await socket.ReceiveAsync(piece, patience.Token) is > 0 and var read)
                all.AddRange(piece.AsSpan(0, read));
        }
        catch (SocketException)
        {
            // Reset: no more than this came.
        }

        return [.. all];
    }

    private static async Task UntilAsync(string missing, Func<bool> isSo)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"Waited {Patience} in vain for: {missing}.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    private sealed record Pair(Socket Client, Socket Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
