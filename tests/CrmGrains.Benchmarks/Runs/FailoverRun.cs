using System.Globalization;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// A silo joins, one is killed, one is frozen: how long the others' work, or its own, takes to go on. Nothing is lost or doubled.
/// </summary>
internal sealed class FailoverRun(RunOptions options, MeasuredRun run, TextWriter output, TimeProvider time)
{
    private const double JoinBar = 2;
    private const double KillBar = 2;
    private const double FreezeBar = 6;
    private const double PerSecond = 1_000;
    private const int MostFreezes = 200;

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan FreezeLook = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan[] FreezeLooks = [FreezeLook, TimeSpan.FromSeconds(1)];
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Adds what it finds to a section.</summary>
    public async Task AddToAsync(Section section, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>();
        await using var installation = await Installation.StartApartAsync("gateway", settings, time, cancellationToken);
        await installation.Add("silo").ReadyAsync(cancellationToken);
        await installation.HoldAccountAsync(cancellationToken);
        var generator = new Generator(installation.Address, options.Connections, time);
        await run.WarmUpAsync(generator, Population.Uniform, cancellationToken);

        var handover = new Handover(installation.Database);
        var first = new Running(installation.Processes[1], (await handover.SilosAsync(cancellationToken)).Single());

        var (second, join) = await JoinAsync(installation, generator, cancellationToken);
        var (left, killed, waited) = await KillAsync(installation, generator, first, second, cancellationToken);
        var (third, laterJoin) = await JoinAsync(installation, generator, cancellationToken);
        var (frozen, frozenWaited, tries) = await FreezeAsync(installation, generator, [left, third], cancellationToken);

        join = join.FirstBatch > laterJoin.FirstBatch ? join : laterJoin;
        section.Line($"").Line($"A silo joins at full speed; at {PerSecond:0} requests/s one is killed and one is frozen in the middle of a batch. Nothing was lost or doubled:")
            .Table("", "s", "goal", "limit")
            .Line($"| a joining silo's first batch, from when it says that it is ready | {join.FirstBatch.TotalSeconds:0.00} | {JoinBar:0} | how long messages of others' partitions wait before it may take them; nothing of it is compiled yet |")
            .Line($"| its first turn of a grain: its first batches may take deliveries in while others run the grains | {join.FirstTurn.TotalSeconds:0.00} | | how soon others' mailboxes have messages that wait |")
            .Line($"| the start of its process until then | {join.Start.TotalSeconds:0.00} | | .NET and the configuration |")
            .Line($"| killed (`kill -9`): the longest that a partition had no turn; the longest POST to ledger | {killed.TotalSeconds:0.00}; {waited.TotalSeconds:0.00} | {KillBar:0} | PostgreSQL notices the closed connection |")
            .Line($"| frozen (SIGSTOP): the same | {frozen.TotalSeconds:0.00}; {frozenWaited.TotalSeconds:0.00} | {FreezeBar:0} | PostgreSQL ends its session after 5 s |");
        section
            .Figure("join_s", join.FirstBatch.TotalSeconds).Figure("join_first_turn_s", join.FirstTurn.TotalSeconds).Figure("join_process_start_s", join.Start.TotalSeconds)
            .Figure("kill_gap_s", killed.TotalSeconds).Figure("kill_longest_post_to_ledger_s", waited.TotalSeconds)
            .Figure("freeze_gap_s", frozen.TotalSeconds).Figure("freeze_longest_post_to_ledger_s", frozenWaited.TotalSeconds)
            .Figure("freeze_tries", tries, 0)
            .Figure("failover_peak_mib", installation.Processes.Max(process => Memory.PeakOf(process.Id)), 0);
    }

    private async Task<(Running Silo, Joined Joined)> JoinAsync(Installation installation, Generator generator, CancellationToken cancellationToken)
    {
        var handover = new Handover(installation.Database);
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        var known = await handover.SilosAsync(cancellationToken);
        if (known.Count == 0)
            throw new BenchmarkException("No silo had a turn before another one joined.");
        using var enough = new CancellationTokenSource();
        var sending = generator.AtFullSpeedAsync(run.PrepareLazily(JoinPatience * 2), JoinPatience * 2, enough.Token, cancellationToken);
        await Task.Delay(Calm, time, cancellationToken);
        var process = installation.Add("silo");
        var readyAt = await process.ReadyAsync(cancellationToken);
        var (silo, firstBatchAt) = await NewcomerAsync(handover, known, cancellationToken);
        await Task.Delay(Calm, time, cancellationToken);  // it takes its share of the partitions
        await enough.CancelAsync();
        var sent = await sending;
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        await LedgerCheck.ReadAsync(installation.Database, sent, cancellationToken);

        var firstAt = await handover.FirstTurnAsync(silo, cancellationToken);
        var joined = new Joined(readyAt - process.StartedAt, After(readyAt, firstBatchAt), After(readyAt, firstAt));
        var owned = await handover.OwnedAsync(silo, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"join: ready {joined.Start.TotalSeconds:0.00} s after its start, first batch {joined.FirstBatch.TotalSeconds:0.00} s and first turn of a grain {joined.FirstTurn.TotalSeconds:0.00} s after that; runs {owned} partitions"));
        return (new Running(process, silo), joined);
    }

    // Work may come before it is asked whether it is ready.
    private static TimeSpan After(DateTimeOffset readyAt, DateTimeOffset at) => at > readyAt ? at - readyAt : TimeSpan.Zero;

    private async Task<(Guid Silo, DateTimeOffset At)> NewcomerAsync(Handover handover, HashSet<Guid> known, CancellationToken cancellationToken)
    {
        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < JoinPatience;)
        {
            if (await handover.NewcomerAsync(known, cancellationToken) is { } newcomer)
                return newcomer;
            await Task.Delay(PollEvery, time, cancellationToken);
        }

        throw new BenchmarkException($"The silo that joined had no turn in {JoinPatience.TotalSeconds:0} s at full speed.");
    }

    // The one of the two that runs more; the other one is left.
    private async Task<(Running Left, TimeSpan Gap, TimeSpan Waited)> KillAsync(
        Installation installation, Generator generator, Running one, Running other, CancellationToken cancellationToken)
    {
        var handover = new Handover(installation.Database);
        var sending = generator.AtRateAsync(
            run.Prepare(PerSecond * (Calm + AfterKill).TotalSeconds, Population.Uniform), PerSecond, CancellationToken.None, cancellationToken);
        await Task.Delay(Calm, time, cancellationToken);
        var (owned, ownedByOther) = (await handover.OwnedAsync(one.Silo, cancellationToken), await handover.OwnedAsync(other.Silo, cancellationToken));
        var (victim, left) = owned >= ownedByOther ? (one, other) : (other, one);
        var killedAt = time.GetUtcNow();
        await victim.Process.KillAsync();
        var waited = await CheckAsync(installation, sending, cancellationToken);
        await installation.RemoveAsync(victim.Process);
        var (partitions, gap) = await handover.GapAsync(killedAt, victim.Silo, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"kill: it ran {Math.Max(owned, ownedByOther)} partitions; {partitions} had turns afterwards, the last of them after {gap.TotalSeconds:0.00} s; longest POST to ledger {waited.TotalSeconds:0.00} s"));
        return partitions > 0 ? (left, gap, waited) : throw new BenchmarkException("Nothing went on after the kill.");
    }

    private async Task<(TimeSpan Gap, TimeSpan Waited, int Tries)> FreezeAsync(
        Installation installation, Generator generator, IReadOnlyList<Running> silos, CancellationToken cancellationToken)
    {
        var handover = new Handover(installation.Database);
        using var enough = new CancellationTokenSource();
        var most = Calm + Frozen + FreezeLook * 2 * MostFreezes;
        var sending = generator.AtRateAsync(
            run.Prepare(PerSecond * most.TotalSeconds, Population.Uniform), PerSecond, enough.Token, cancellationToken);
        await Task.Delay(Calm, time, cancellationToken);

        // Between two batches a silo holds nothing, and freezing it would show nothing: they are tried by turns until one is in the middle of one.
        var frozenAt = time.GetUtcNow();
        var victim = silos[0];
        var tries = 1;
        for (; ; tries++)
        {
            (victim, frozenAt) = (silos[tries % silos.Count], time.GetUtcNow());
            victim.Process.Pause();
            if (await IsInBatchAsync(handover, cancellationToken))
                break;
            victim.Process.Continue();
            if (tries == MostFreezes)
                throw new BenchmarkException($"Silos were frozen {MostFreezes} times and never in the middle of a batch.");
            await Task.Delay(FreezeLook * Random.Shared.NextDouble(), time, cancellationToken);
        }

        var owned = await handover.OwnedAsync(victim.Silo, cancellationToken);
        await Task.Delay(Frozen, time, cancellationToken);
        victim.Process.Continue();
        await Task.Delay(Calm, time, cancellationToken);
        await enough.CancelAsync();
        var waited = await CheckAsync(installation, sending, cancellationToken);
        var (partitions, gap) = await handover.GapAsync(frozenAt, victim.Silo, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"freeze: in the middle of a batch at try {tries}; it ran {owned} partitions; {partitions} had turns of others afterwards, the last of them after {gap.TotalSeconds:0.00} s; longest POST to ledger {waited.TotalSeconds:0.00} s"));
        return (gap, waited, tries);
    }

    // Another silo's batch may take long on a busy machine; one that did nothing for a second is the frozen one's.
    private async Task<bool> IsInBatchAsync(Handover handover, CancellationToken cancellationToken)
    {
        foreach (var look in FreezeLooks)
        {
            await Task.Delay(look, time, cancellationToken);
            if (!await handover.IsAnyoneInTransactionAsync(look * 0.8, cancellationToken))
                return false;
        }

        return true;
    }

    private async Task<TimeSpan> CheckAsync(Installation installation, Task<SentDeliveries> sending, CancellationToken cancellationToken)
    {
        var sent = await sending;
        await LedgerCheck.DrainedAsync(installation, time, cancellationToken);
        var ledger = await LedgerCheck.ReadAsync(installation.Database, sent, cancellationToken);
        return TimeSpan.FromMilliseconds(ledger.Latency.Max);
    }

    private sealed record Running(RunningProcess Process, Guid Silo);

    /// <param name="Start">From its process's start until it was ready.</param>
    /// <param name="FirstBatch">From there until it noted, in its first batch, that it runs a partition.</param>
    /// <param name="FirstTurn">From there to its first ledger entry.</param>
    private sealed record Joined(TimeSpan Start, TimeSpan FirstBatch, TimeSpan FirstTurn);
}
