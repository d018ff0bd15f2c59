using System.Net;
using System.Net.Sockets;

namespace CrmGrains.FaultProxy;

/// <summary>One client's connection through the proxy.</summary>
public sealed class ProxyConnection
{
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly Pump _toServer;
    private readonly Pump _toClient;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private LinkFaults _faults;
    private TaskCompletionSource _changed = New();
    private Ending _ending = Ending.Close;

    internal ProxyConnection(int number, Socket client, Socket server, LinkFaults faults, TimeProvider time, Func<double> draw)
    {
        (Number, _client, _server, _faults) = (number, client, server, faults);
        PortAtServer = (server.LocalEndPoint as IPEndPoint)?.Port;
        _toServer = new Pump(Direction.ToServer, client, server, Current, time, draw);
        _toClient = new Pump(Direction.ToClient, server, client, Current, time, draw);
    }

    /// <summary>In the order of arrival, from 1.</summary>
    public int Number { get; }

    /// <summary>The port that the server sees as its client's; null where it listens on a Unix socket.</summary>
    public int? PortAtServer { get; }

    /// <summary>Whether both sockets are closed.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Its faults, from now on.</summary>
    public LinkFaults Faults
    {
        get => Current().Faults;
        set
        {
            TaskCompletionSource changed;
            lock (_lock)
            {
                (_faults, changed) = (value, _changed);
                _changed = New();
            }

            changed.SetResult();
        }
    }

    /// <summary>Bytes that were let through.</summary>
    public long Passed(Direction direction) => Of(direction).Passed;

    /// <summary>Ends it at a byte from now on; in place of what was set before for this direction.</summary>
    public void EndAt(Cut cut)
    {
        ArgumentNullException.ThrowIfNull(cut);
        Of(cut.Direction).Cut = new PendingCut(cut);
    }

    /// <summary>Ends it now, for both ends.</summary>
    public void End(Ending ending)
    {
        lock (_lock)
        {
            if (IsEnded || _ended.IsCancellationRequested)
                return;
            _ending = ending;
            _ = _ended.CancelAsync();
        }
    }

    /// <summary>Carries bytes until both directions have ended, or one has broken.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, _ended.Token);
        await Task.WhenAll(RunAsync(_toServer, end.Token), RunAsync(_toClient, end.Token));
        lock (_lock)
        {
            IsEnded = true;
            Dispose(_client);
            Dispose(_server);
            _ended.Dispose();
        }
    }

    private async Task RunAsync(Pump pump, CancellationToken end)
    {
        try
        {
            if (await pump.RunAsync(end) is { } ending)
                End(ending);
        }
        catch (OperationCanceledException)
        {
            // Somebody ended it.
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            End(Ending.Reset);
        }
    }

    private void Dispose(Socket socket)
    {
        // Without waiting, unsent bytes are dropped and TCP answers with RST.
        if (_ending == Ending.Reset)
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    private (LinkFaults Faults, Task Changed) Current()
    {
        lock (_lock)
            return (_faults, _changed.Task);
    }

    private Pump Of(Direction direction) => direction == Direction.ToServer ? _toServer : _toClient;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
