using CrmGrains.Sandbox.HubSpot;

namespace CrmGrains.Sandbox.State;

/// <summary>
/// Writes the account to its file after changes and when the sandbox stops. The server starts after it and stops before
/// it, so the last state has every call in it.
/// </summary>
internal sealed class StateKeeper(Account account, StateFile file, TimeProvider time, ILogger<StateKeeper> log) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    // Saving a large account takes long: resting four times as long leaves most of a core to the calls.
    private const int RestPerWork = 4;

    // No revision is negative, so the first round saves: a folder that refuses is told at once, not after the first change.
    private long _saved = -1;
    private bool _isFailing;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        StateLog.Keeps(log, file.Path);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);  // the loop has ended, so nobody else writes
        await TrySaveAsync(CancellationToken.None);  // even where stopping has taken too long already
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, stoppingToken);
                var startedAt = time.GetTimestamp();
                await TrySaveAsync(stoppingToken);
                var rest = time.GetElapsedTime(startedAt) * RestPerWork;
                pause = rest > ShortestPause ? rest : ShortestPause;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Saves what has changed; a failure is logged once, and so is the end of a row of them.</summary>
    private async Task TrySaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (account.Revision == _saved) return;
            var (state, revision) = AccountSnapshot.Take(account);
            await file.SaveAsync(state, cancellationToken);
            _saved = revision;
            if (_isFailing) StateLog.SavesAgain(log, file.Path);
            _isFailing = false;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isFailing) StateLog.SaveFailed(log, file.Path, failure);
            _isFailing = true;
        }
    }
}
