using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CrmGrains.FaultProxy;

/// <summary>
/// Stands between clients and a server on this machine, and does to their connections what bad networks do. It listens on loopback, on a
/// port that the system chooses; the server may listen on TCP or on a Unix socket.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    // A test that opens more has a leak.
    private const int MaxConnections = 1_000;

    private readonly EndPoint _server;
    private readonly TimeProvider _time;
    private readonly Func<double> _draw;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, (ProxyConnection Connection, Task Ended)> _connections = [];
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private LinkFaults _faults = LinkFaults.None;
    private Cut? _cutOfNew;
    private int _accepted;

    private TcpProxy(EndPoint server, TimeProvider time, Func<double> draw)
    {
        (_server, _time, _draw) = (server, time, draw);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = (_listener.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        _accepting = AcceptAsync();
    }

    /// <summary>Of 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>How many connections were taken so far; each of them stands in <see cref="Connections"/> from then on until it ends.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Those that are open now, oldest first.</summary>
    public IReadOnlyList<ProxyConnection> Connections =>
        [.. _connections.Values.Select(one => one.Connection).Where(one => !one.IsEnded).OrderBy(one => one.Number)];

    /// <summary>Whether new connections are reset at once. Those that are open go on.</summary>
    public bool RefusesNew { get; set; }

    /// <summary>The faults of all connections, open ones and new ones; setting them overrides what single connections were given.</summary>
    public LinkFaults Faults
    {
        get => Volatile.Read(ref _faults);
        set
        {
            lock (_lock)
            {
                Volatile.Write(ref _faults, value);
                foreach (var (connection, _) in _connections.Values)
                    connection.Faults = value;
            }
        }
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="server">Where connections go: <see cref="IPEndPoint"/> or <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="draw">From 0 up to 1; for the jitter. Called by several threads.</param>
    public static TcpProxy Start(EndPoint server, TimeProvider time, Func<double> draw) => new(server, time, draw);

    /// <summary>Ends each open connection at a byte from now on.</summary>
    /// <param name="andNew">Whether each new one is ended so too, until this is called again.</param>
    public void EndAllAt(Cut cut, bool andNew = false)
    {
        lock (_lock)
        {
            _cutOfNew = andNew ? cut : null;
            foreach (var (connection, _) in _connections.Values)
                connection.EndAt(cut);
        }
    }

    /// <summary>Ends all open connections now.</summary>
    public void EndAll(Ending ending)
    {
        foreach (var (connection, _) in _connections.Values)
            connection.End(ending);
    }

    /// <summary>Stops listening and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values.Select(one => one.Ended));
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                if (RefusesNew || _connections.Count >= MaxConnections)
                    Refuse(client);
                else
                    Open(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // That client is gone again; the next one may stay.
            }
        }
    }

    private void Open(Socket client)
    {
        var server = new Socket(
            _server.AddressFamily, SocketType.Stream, _server.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            // On loopback it is connected at once, or not at all.
            server.Connect(_server);
            client.NoDelay = true;
            if (_server.AddressFamily != AddressFamily.Unix)
                server.NoDelay = true;
        }
        catch (SocketException)
        {
            server.Dispose();
            Refuse(client);
            return;
        }

        lock (_lock)
        {
            var number = _accepted + 1;
            var connection = new ProxyConnection(number, client, server, _faults, _time, _draw);
            if (_cutOfNew is not null)
                connection.EndAt(_cutOfNew);
            var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections[number] = (connection, RunAsync(connection, go.Task));
            Volatile.Write(ref _accepted, number);
            go.SetResult();
        }
    }

    private async Task RunAsync(ProxyConnection connection, Task noted)
    {
        await noted;
        await connection.RunAsync(_stop.Token);
        _connections.TryRemove(connection.Number, out _);
    }

    private static void Refuse(Socket client)
    {
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Dispose();
    }
}
