using CrmGrains.Benchmarks.Runs;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks;

/// <summary>Runs benchmarks and prints what they showed.</summary>
internal sealed class Reports(RunOptions options, TextWriter output, TimeProvider time)
{
    private const int IdleSeconds = 60;
    private static readonly double[] Rates = [200, 500, 2_000];

    private readonly Rounds _rounds = new(options, output, time);

    private Speeds Speeds => new(options, _rounds);

    public Task ThroughputAsync(CancellationToken cancellationToken) => PrintAsync(Speeds.ThroughputAsync(cancellationToken));

    public Task RateAsync(double perSecond, CancellationToken cancellationToken) => PrintAsync(Speeds.RateAsync([perSecond], cancellationToken));

    public Task HotKeyAsync(CancellationToken cancellationToken) => PrintAsync(Speeds.HotKeyAsync(cancellationToken));

    public Task ManyKeysAsync(CancellationToken cancellationToken) => PrintAsync(Speeds.ManyKeysAsync(cancellationToken));

    public Task BacklogAsync(CancellationToken cancellationToken) => PrintAsync(Backlog().RunAsync(cancellationToken));

    public Task SilosAsync(CancellationToken cancellationToken) => PrintAsync(SectionOfSilosAsync(cancellationToken));

    public Task HeldSnapshotAsync(CancellationToken cancellationToken) => PrintAsync(HeldSnapshot().RunAsync(cancellationToken));

    public Task SizeAsync(CancellationToken cancellationToken) => PrintAsync(Size().RunAsync(cancellationToken));

    public Task NormalizersAsync(CancellationToken cancellationToken) => PrintAsync(Task.Run(new NormalizersRun(options).Run, cancellationToken));

    public Task DecisionsAsync(CancellationToken cancellationToken) => PrintAsync(Task.Run(new DecisionsRun(options).Run, cancellationToken));

    public Task StepsAsync(CancellationToken cancellationToken) => PrintAsync(Task.Run(new StepsRun(options).Run, cancellationToken));

    public Task IdleAsync(CancellationToken cancellationToken) => PrintAsync(Idle(options.Seconds).RunAsync(cancellationToken));

    /// <summary>Everything, into the README.</summary>
    public async Task AllAsync(CancellationToken cancellationToken)
    {
        (string Name, Func<Task<Section>> Run)[] benchmarks =
        [
            ("throughput", () => Speeds.ThroughputAsync(cancellationToken)),
            ("rate", () => Speeds.RateAsync(Rates, cancellationToken)),
            ("hot-key", () => Speeds.HotKeyAsync(cancellationToken)),
            ("many-keys", () => Speeds.ManyKeysAsync(cancellationToken)),
            ("backlog", () => Backlog().RunAsync(cancellationToken)),
            ("silos", () => SectionOfSilosAsync(cancellationToken)),
            ("held-snapshot", () => HeldSnapshot().RunAsync(cancellationToken)),
            ("idle", () => Idle(Math.Max(options.Seconds, options.IsQuick ? 0 : IdleSeconds)).RunAsync(cancellationToken)),
            ("size", () => Size().RunAsync(cancellationToken)),
            ("normalizers", () => Task.Run(new NormalizersRun(options).Run, cancellationToken)),
            ("steps", () => Task.Run(new StepsRun(options).Run, cancellationToken)),
            ("decisions", () => Task.Run(new DecisionsRun(options).Run, cancellationToken)),
        ];
        var sections = new List<Section>();
        foreach (var (name, run) in benchmarks)
        {
            sections.Add(await OrWhyNotAsync(name, run));
            await output.WriteLineAsync(string.Join('\n', sections[^1].Lines));

            // A trial's figures say nothing. Those that there are stay where it is ended half way.
            if (!options.IsQuick)
                await ReadmeTable.WriteAsync(sections, time.GetUtcNow(), cancellationToken);
        }
    }

    // One that fails has no figures, and takes nobody else's away: all of them take the better part of an hour.
    private static async Task<Section> OrWhyNotAsync(string name, Func<Task<Section>> run)
    {
        try
        {
            return await run();
        }
        catch (BenchmarkException exception)
        {
            return new Section(name).Line($"No figures: {exception.Message.Split('\n')[0]}");
        }
    }

    private async Task<Section> SectionOfSilosAsync(CancellationToken cancellationToken)
    {
        var section = await Speeds.SilosAsync(cancellationToken);
        await new FailoverRun(options, _rounds.Run, output, time).AddToAsync(section, cancellationToken);
        return section;
    }

    private BacklogRun Backlog() => new(options, _rounds.Run, output, time);

    private HeldSnapshotRun HeldSnapshot() => new(options, _rounds.Run, output, time);

    private SizeRun Size() => new(options, _rounds.Run);

    private IdleRun Idle(int seconds) => new(options with { Seconds = seconds }, _rounds.Run, output, time);

    private async Task PrintAsync(Task<Section> benchmark)
    {
        var section = await benchmark;
        await output.WriteLineAsync(string.Join('\n', section.Lines));
        if (options.IsJson)
            await output.WriteLineAsync(section.Json.ToJsonString());
    }
}
