using CrmGrains.FaultProxy;
using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Plan;

namespace CrmGrains.Faults.Kinds;

/// <summary>A fault of a silo's way to PostgreSQL, which leads through a proxy of ours.</summary>
internal abstract class LinkFault : Fault
{
    public override TimeSpan Shortest => TimeSpan.FromSeconds(0.5);

    public override TimeSpan Longest => TimeSpan.FromSeconds(6);

    public override bool NeedsOwnServer => true;

    public override Task StrikeAsync(FaultCluster cluster, Strike strike, CancellationToken cancellationToken)
    {
        var silo = cluster.Silos[strike.Silo];
        return silo.Link is { } link
            ? AloneAsync(silo.Turn, () => BreakAsync(link, strike, cancellationToken), cancellationToken)
            : Task.CompletedTask;
    }

    protected abstract Task BreakAsync(TcpProxy link, Strike strike, CancellationToken cancellationToken);

    protected static Task LastAsync(Strike strike, CancellationToken cancellationToken) =>
        Task.Delay(strike.Length, TimeProvider.System, cancellationToken);
}

/// <summary>Every piece is on its way for long.</summary>
internal sealed class SlowLink : LinkFault
{
    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(150);

    public override string Name => "slow";

    public override string Description => "what a silo and PostgreSQL say to each other takes up to 150 ms";

    protected override async Task BreakAsync(TcpProxy link, Strike strike, CancellationToken cancellationToken)
    {
        link.Faults = LinkFaults.Slow(Slowest * strike.Draw, Slowest * (1 - strike.Draw));
        try
        {
            await LastAsync(strike, cancellationToken);
        }
        finally
        {
            link.Faults = LinkFaults.None;
        }
    }
}

/// <summary>Connections end at one byte, often around a commit: whether it took place is unknown to whoever asked for it.</summary>
internal sealed class CutLink : LinkFault
{
    private const int Around = 200;

    public override string Name => "cut";

    public override string Description => "a silo's connections end at a byte near a COMMIT, in either direction";

    protected override async Task BreakAsync(TcpProxy link, Strike strike, CancellationToken cancellationToken)
    {
        var direction = strike.Draw < 0.5 ? Direction.ToServer : Direction.ToClient;
        var ending = strike.Draw * 10 % 1 < 0.5 ? Ending.Reset : Ending.Close;
        var bytes = (long)(strike.Draw * 100 % 1 * Around) - (Around / 4);
        link.EndAllAt(new Cut(direction, bytes) { After = "COMMIT", Ending = ending }, andNew: true);
        try
        {
            await LastAsync(strike, cancellationToken);
        }
        finally
        {
            // A cut that never comes: it only takes the place of the one that new connections would be given.
            link.EndAllAt(new Cut(direction, long.MaxValue));
        }
    }
}

/// <summary>All connections are reset, and new ones are refused for a while.</summary>
internal sealed class ResetLink : LinkFault
{
    public override string Name => "reset";

    public override string Description => "a silo's connections are reset and new ones refused";

    protected override async Task BreakAsync(TcpProxy link, Strike strike, CancellationToken cancellationToken)
    {
        link.RefusesNew = true;
        link.EndAll(Ending.Reset);
        try
        {
            await LastAsync(strike, cancellationToken);
        }
        finally
        {
            link.RefusesNew = false;
        }
    }
}

/// <summary>Nothing arrives any more and nobody is told, as when a machine in between loses power; or it arrives late.</summary>
internal sealed class SilentLink : LinkFault
{
    public override string Name => "silent";

    public override string Description => "nothing that a silo and PostgreSQL say arrives, and the connections stay open";

    public override TimeSpan Longest => TimeSpan.FromSeconds(12);

    protected override async Task BreakAsync(TcpProxy link, Strike strike, CancellationToken cancellationToken)
    {
        var isLate = strike.Draw < 0.5;
        link.Faults = LinkFaults.Silent(isLate ? Flow.Hold : Flow.Swallow);
        try
        {
            await LastAsync(strike, cancellationToken);
        }
        finally
        {
            // A stream that has lost bytes can't go on.
            if (!isLate)
                link.EndAll(Ending.Reset);
            link.Faults = LinkFaults.None;
        }
    }
}
