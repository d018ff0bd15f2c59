using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks.Measures;

/// <summary>Watches what a run costs, from its construction to <see cref="EndAsync"/>.</summary>
internal sealed class Usage
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(1);

    private readonly RunningServer _server;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;
    private readonly long _began;
    private readonly (double Host, double Postgres, double Generator, double Machine) _before;
    private double _postgresPeak;

    public Usage(RunningServer server, TimeProvider time)
    {
        (_server, _time) = (server, time);
        _before = Read();
        _began = time.GetTimestamp();
        _sampling = SampleAsync();
    }

    public async Task<UsageReport> EndAsync()
    {
        var after = Read();
        var took = _time.GetElapsedTime(_began).TotalSeconds;
        await _stop.CancelAsync();
        await _sampling;
        _stop.Dispose();
        var (host, postgres, generator) = (after.Host - _before.Host, after.Postgres - _before.Postgres, after.Generator - _before.Generator);
        return new UsageReport(
            host, postgres, generator, Math.Max(0, (after.Machine - _before.Machine - host - postgres - generator) / took),
            Memory.PeakOf(_server.ProcessId), _postgresPeak);
    }

    private async Task SampleAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _postgresPeak = Math.Max(_postgresPeak, Memory.OfFamily(_server.PostmasterId));
            await Task.Delay(SampleEvery, _time, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private (double Host, double Postgres, double Generator, double Machine) Read() => (
        ProcessTimes.OfProcess(_server.ProcessId), ProcessTimes.OfFamily(_server.PostmasterId),
        ProcessTimes.OfProcess(Environment.ProcessId), ProcessTimes.OfMachine());
}

/// <summary>What a run cost.</summary>
/// <param name="HostCpu">CPU seconds of the contender's process.</param>
/// <param name="PostgresCpu">CPU seconds of its PostgreSQL, all processes together.</param>
/// <param name="GeneratorCpu">CPU seconds of the load generator.</param>
/// <param name="OtherCores">Cores that others were using meanwhile, the kernel and the hypervisor included: a busy machine spoils the figures.</param>
/// <param name="HostPeakMib">The most memory that the contender's process ever had.</param>
/// <param name="PostgresPeakMib">The most that its PostgreSQL was seen to have.</param>
internal sealed record UsageReport(
    double HostCpu, double PostgresCpu, double GeneratorCpu, double OtherCores, double HostPeakMib, double PostgresPeakMib);
