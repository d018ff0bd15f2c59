using System.Globalization;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Watches what a run costs, from its construction to <see cref="End"/>.</summary>
internal sealed class Usage
{
    private readonly Installation _installation;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly (double Host, double Postgres, double Generator, double Machine) _before;
    private readonly double _postgresBefore;

    public Usage(Installation installation, TimeProvider time)
    {
        (_installation, _time) = (installation, time);

        // Only before and after: adding up what a process has in memory holds it up for milliseconds, which each percentile showed.
        _postgresBefore = Memory.OfFamily(installation.PostmasterId);
        _before = Read();
        _began = time.GetTimestamp();
    }

    public UsageReport End()
    {
        var after = Read();
        var took = _time.GetElapsedTime(_began).TotalSeconds;
        var (host, postgres, generator) = (after.Host - _before.Host, after.Postgres - _before.Postgres, after.Generator - _before.Generator);
        return new UsageReport(
            host, postgres, generator, Math.Max(0, (after.Machine - _before.Machine - host - postgres - generator) / took),
            _installation.Processes.Max(process => Memory.PeakOf(process.Id)), Math.Max(_postgresBefore, Memory.OfFamily(_installation.PostmasterId)), took);
    }

    private (double Host, double Postgres, double Generator, double Machine) Read() => (
        _installation.Processes.Sum(process => ProcessTimes.OfProcess(process.Id)), ProcessTimes.OfFamily(_installation.PostmasterId),
        ProcessTimes.OfProcess(Environment.ProcessId), ProcessTimes.OfMachine());
}

/// <summary>What a run cost.</summary>
/// <param name="HostCpu">CPU seconds of the contender's processes.</param>
/// <param name="PostgresCpu">CPU seconds of its PostgreSQL, all processes together.</param>
/// <param name="GeneratorCpu">CPU seconds of the load generator.</param>
/// <param name="OtherCores">Cores that others were using meanwhile, the kernel and the hypervisor included: a busy machine spoils the figures.</param>
/// <param name="HostPeakMib">The most memory that one of the contender's processes ever had.</param>
/// <param name="PostgresPeakMib">The most that its PostgreSQL was seen to have.</param>
/// <param name="Seconds">How long it was watched.</param>
internal sealed record UsageReport(
    double HostCpu, double PostgresCpu, double GeneratorCpu, double OtherCores, double HostPeakMib, double PostgresPeakMib, double Seconds)
{
    private const double Full = 0.9;

    private double Busy => (HostCpu + PostgresCpu + GeneratorCpu) / Seconds + OtherCores;

    /// <summary>What it ran into, as far as the cores tell.</summary>
    public string Limit => string.Create(CultureInfo.InvariantCulture,
        $"{(Busy > Full * Environment.ProcessorCount ? "the cores" : "none")}: {Busy:0.0} of {Environment.ProcessorCount} busy (host {HostCpu / Seconds:0.00}, PostgreSQL {PostgresCpu / Seconds:0.00}, generator {GeneratorCpu / Seconds:0.00}, others {OtherCores:0.00})");
}
