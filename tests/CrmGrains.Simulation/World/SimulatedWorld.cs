using System.Diagnostics.Metrics;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using CrmGrains.Simulation.Scheduling;
using CrmGrains.Simulation.Store;

namespace CrmGrains.Simulation.World;

/// <summary>Database, silos and senders of one run, and what strikes them.</summary>
internal sealed class SimulatedWorld : IDisposable
{
    private readonly Chance _chance;
    private readonly Scheduler _scheduler;
    private readonly SiloOptions _options;
    private readonly Meters _meters = new();
    private readonly List<SimulatedSilo> _silos = [];
    private readonly Process _outside;
    private int _named;

    public SimulatedWorld(ulong seed, Scheduler scheduler, Planted planted)
    {
        _scheduler = scheduler;
        _chance = new Chance(seed).Of("world");
        _outside = new Process(scheduler, "outside");

        // Some worlds are narrow: one silo, one queue and one mailbox, into which everybody sends at the same time, without faults.
        var isNarrow = _chance.Is(0.3);
        var storm = isNarrow ? 0 : _chance.Pick([0, 0.3, 1, 1, 3]);
        Network = new NetworkFaults(new Chance(seed).Of("network"))
        {
            AreOn = storm > 0, Loss = 0.004 * storm, Refusal = 0.004 * storm, Stall = 0.004 * storm,
            MostPauses = _chance.Pick([1, 4, 12, 30]),
        };
        Storm = storm;
        Script = new Script(seed, isNarrow ? 1 : _chance.Between(3, 12)) { Trouble = _chance.Pick([0, 0.05, 0.15]) };
        Database = new Database(new Process(scheduler, "server"), scheduler, planted);
        for (var id = 0; id < 64; id++)
            Database.Partitions.Add(id, new PartitionRow { Id = id, Kind = PartitionKind.Mailbox });
        _options = new SiloOptions
        {
            Workers = _chance.Between(1, 3),
            BatchSize = _chance.Pick([1, 3, 8, 20]),
            PartitionsPerBatch = _chance.Pick([1, 2, 8, 64]),
            CachedStates = _chance.Pick([64, 256, 40_000]),
            MailboxDepth = _chance.Pick([3, 20, 20_000]),
        };

        Senders = new Senders(Database, scheduler, Script, CallSilos)
        {
            Rest = TimeSpan.FromMilliseconds(isNarrow ? 2 : _chance.Pick([2, 15, 60])), MostHesitations = _chance.Pick([2, 6, 24]),
            Late = _chance.Pick([0.03, 0.1, 0.3]),
        };
        var queues = Enumerable.Range(0, isNarrow ? 1 : _chance.Between(1, 3)).Select(number => Database.Queue($"s{number}")).ToList();
        for (var gateway = _chance.Between(1, 5); gateway > 0; gateway--)
            Senders.StartGateway(gateway, new Chance(seed).Of($"gateway {gateway}"), _chance.Pick(queues), _chance.Between(3, 15));
        for (var connector = isNarrow ? 4 : _chance.Between(0, 4); connector > 0; connector--)
            Senders.StartConnector(connector, new Chance(seed).Of($"connector {connector}"), _chance.Between(3, isNarrow ? 20 : 10));
        if (!isNarrow && _chance.Is(0.3))
            Senders.StartBystander(new Chance(seed).Of("bystander"), 3);
        for (var silo = isNarrow ? 1 : _chance.Between(1, 3); silo > 0; silo--)
            AddSilo();
        var (hurry, hurries) = (new Chance(seed).Of("hurry"), _chance.Pick([0, 0.02, 0.1]));
        Database.Crossed = weight =>
        {
            if (hurry.Is(hurries * weight))
                Senders.Hurry();
        };
        if (storm > 0)
            _outside.Start("faults", () => StrikeAsync(
                _chance.Of("faults"), _chance.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12))));
        else
            IsCalm = true;
    }

    /// <summary>How much goes wrong; 0 in some runs.</summary>
    public double Storm { get; }

    public Database Database { get; }

    public Script Script { get; }

    public Senders Senders { get; }

    public NetworkFaults Network { get; }

    public IReadOnlyList<SimulatedSilo> Silos => _silos;

    /// <summary>Whether the faults are over, and every silo runs.</summary>
    public bool IsCalm { get; private set; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsDrained => Senders.AreDone && !Database.Messages.Any(row => row.IsAlive) && !Database.Timers.Exists(row => row.IsAlive);

    public void Dispose() => _meters.Dispose();

    private void AddSilo()
    {
        var silo = new SimulatedSilo(
            $"silo{++_named}", _chance.Id(), _options, Script, Database, Network, _scheduler, _meters);
        _silos.Add(silo);
        silo.Process.Start("telling others", async () =>
        {
            while (true)
            {
                await silo.Wakeups.Others.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
                var news = silo.Wakeups.TakeNews();
                CallSilos(wakeups => wakeups.Call([.. news.Filled ?? []]));
            }
        });
    }

    private void CallSilos() => CallSilos(wakeups => wakeups.Mailboxes.Signal());

    // Calls get lost and doubled.
    private void CallSilos(Action<Wakeups> call)
    {
        foreach (var silo in _silos)
        {
            for (var calls = _chance.Pick([0, 1, 1, 1, 2]); calls > 0; calls--)
                silo.Process.Post(_ => call(silo.Wakeups), null);
        }
    }

    private async Task StrikeAsync(Chance chance, TimeSpan lasting)
    {
        while (_scheduler.Elapsed < lasting)
        {
            await RestAsync(chance, TimeSpan.FromMilliseconds(1200 / Storm));
            var silo = chance.Pick(_silos);
            switch (chance.Below(12))
            {
                case 0 or 1:
                    _scheduler.Note(silo.Process.Name, "crashes");
                    silo.Crash();
                    _silos.Remove(silo);
                    if (_silos.Count > 0)
                        await RestAsync(chance, TimeSpan.FromSeconds(1));
                    AddSilo();
                    break;
                case 2 or 3 when !silo.Process.IsFrozen:
                    _scheduler.Note(silo.Process.Name, "freezes");
                    silo.Process.Freeze();
                    _outside.Start("thaw", () => ThawAsync(silo, chance.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10))));
                    break;
                case 4:
                    foreach (var session in _silos.SelectMany(one => one.Sessions).ToList())
                        session.End("the server restarts");
                    break;
                default:
                    if (silo.Sessions is { Count: > 0 } sessions)
                        chance.Pick(sessions).End("terminated");
                    break;
            }
        }

        Network.AreOn = false;
        while (_silos.Exists(silo => silo.Process.IsFrozen))
            await RestAsync(chance, TimeSpan.FromMilliseconds(200));
        _scheduler.Note("outside", "the faults are over");
        IsCalm = true;
    }

    private async Task ThawAsync(SimulatedSilo silo, TimeSpan after)
    {
        await Task.Delay(after, _outside.Time, CancellationToken.None);
        _scheduler.Note(silo.Process.Name, "thaws");
        silo.Process.Thaw();
    }

    private Task RestAsync(Chance chance, TimeSpan atMost) =>
        Task.Delay(chance.Between(TimeSpan.Zero, atMost), _outside.Time, CancellationToken.None);

    private sealed class Meters : IMeterFactory
    {
        private readonly Meter _meter = new("CrmGrains.Simulation");

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose() => _meter.Dispose();
    }
}
