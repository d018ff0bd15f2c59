using System.Net.Sockets;

namespace CrmGrains.FaultProxy;

/// <summary>Carries the bytes of one direction, one bounded piece at a time: what the receiver doesn't take, the sender keeps.</summary>
internal sealed class Pump(
    Direction direction, Socket from, Socket to, Func<(LinkFaults Now, Task Changed)> faults, TimeProvider time, Func<double> draw)
{
    private const int PieceBytes = 16 * 1024;

    private PendingCut? _cut;
    private long _passed;

    /// <summary>Bytes that were let through.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>Ends the connection there; null: it goes on.</summary>
    public PendingCut? Cut
    {
        get => Volatile.Read(ref _cut);
        set => Volatile.Write(ref _cut, value);
    }

    /// <summary>Runs to the end of the stream.</summary>
    /// <returns>How the connection is to be ended; null where the other direction may go on.</returns>
    public async Task<Ending?> RunAsync(CancellationToken cancellationToken)
    {
        var piece = new byte[PieceBytes];
        while (true)
        {
            var read = await ReadAsync(piece, cancellationToken);
            if (read <= 0)
            {
                await PassesAsync(cancellationToken, isEnd: true);
                if (read < 0)
                    return Ending.Reset;
                to.Shutdown(SocketShutdown.Send);
                return null;
            }

            await DelayAsync(cancellationToken);
            if (!await PassesAsync(cancellationToken))
                continue;
            var cut = Cut;
            var passes = cut?.Passes(piece.AsSpan(0, read)) ?? read;
            for (var sent = 0; sent < passes;)
                sent += await to.SendAsync(piece.AsMemory(sent, passes - sent), cancellationToken);
            Interlocked.Add(ref _passed, passes);
            if (passes < read || cut?.IsDue == true)
                return cut?.Ending;
        }
    }

    private DirectionFaults Faults => faults().Now.Of(direction);

    // 0 at the end of the stream, -1 where it broke.
    private async Task<int> ReadAsync(byte[] piece, CancellationToken cancellationToken)
    {
        try
        {
            return await from.ReceiveAsync(piece, cancellationToken);
        }
        catch (SocketException)
        {
            return -1;
        }
    }

    private async Task DelayAsync(CancellationToken cancellationToken)
    {
        var delay = Faults.Delay + (Faults.Jitter * draw());
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, cancellationToken);
    }

    // Waits while it is held. False where it is swallowed; the end of the stream can't be swallowed, so it waits then too.
    private async Task<bool> PassesAsync(CancellationToken cancellationToken, bool isEnd = false)
    {
        while (true)
        {
            var (now, changed) = faults();
            var flow = now.Of(direction).Flow;
            if (flow == Flow.Pass)
                return true;
            if (flow == Flow.Swallow && !isEnd)
                return false;
            await changed.WaitAsync(cancellationToken);
        }
    }
}
