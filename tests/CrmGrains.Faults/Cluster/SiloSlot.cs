using CrmGrains.FaultProxy;
using CrmGrains.Runtime.Postgres;

namespace CrmGrains.Faults.Cluster;

/// <summary>The place of one silo: a process in it, or the one that came after it. Whoever does something to it takes its turn.</summary>
/// <param name="number">From 1.</param>
/// <param name="link">Its way to PostgreSQL.</param>
/// <param name="start">Starts a silo with more variables in its environment.</param>
internal sealed class SiloSlot(
    int number, TcpProxy? link, Func<SiloSlot, IReadOnlyDictionary<string, string>, CancellationToken, Task<ServedProcess>> start)
    : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private ServedProcess? _process;

    public int Number => number;

    /// <summary>Its way to PostgreSQL, where that is through a proxy.</summary>
    public TcpProxy? Link => link;

    public string Name => $"silo-{number}";

    /// <summary>Held by the fault that has the silo; another one waits for its end.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public ServedProcess Process => _process ?? throw new ClusterException($"{Name} isn't running.");

    /// <summary>Whether a session of PostgreSQL is this silo's.</summary>
    public bool Owns(int clientPort) => IsRunning
        && (link is null
            ? TcpSockets.PortsOf(Process.Id).Contains(clientPort)
            : link.Connections.Any(one => one.PortAtServer == clientPort));

    public bool IsRunning => _process is { IsRunning: true };

    /// <summary>Starts it where it isn't running.</summary>
    /// <param name="environment">What this silo has besides what all have, for example another clock.</param>
    public async Task StartAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (IsRunning)
            return;
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
        _process = await start(this, environment, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => StartAsync(Plain, cancellationToken);

    /// <summary>
    /// Waits until it has served for a moment. On a busy machine, where a start takes longer than a plan foresees, silos would otherwise be
    /// killed as soon as they are up, and nothing would get done.
    /// </summary>
    public async Task AtWorkAsync(CancellationToken cancellationToken)
    {
        var left = Process.ServingAt + Moment - TimeProvider.System.GetUtcNow();
        if (left > TimeSpan.Zero)
            await Task.Delay(left, TimeProvider.System, cancellationToken);
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => Process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // One that is left frozen doesn't hear that it shall end.
            Signal.Send(_process.Id, ServedProcess.Continue);
            await _process.DisposeAsync();
        }

        if (link is not null)
            await link.DisposeAsync();
        Turn.Dispose();
    }

    private static readonly Dictionary<string, string> Plain = [];
}
