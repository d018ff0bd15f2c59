using System.Threading.Channels;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration;

/// <summary>
/// Looks at the workspace files when the file system says that they changed, and every two seconds besides: a mounted folder is
/// exchanged as a whole, over a network nothing is said at all.
/// </summary>
internal sealed class WorkspaceReload(
    Workspaces workspaces, string folder, Secrets secrets, TimeProvider clock, ILogger<WorkspaceReload> log) : BackgroundService
{
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <summary>How long a changed file must stay as it is before it is judged.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    // One signal that waits is as good as many.
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var workspace in workspaces.Current.Values)
            WarnOfMissingSecrets(workspace);
        using var following = workspaces.OnChange(WarnOfMissingSecrets);
        using var watcher = Watch();
        await using var poll = clock.CreateTimer(_ => _signals.Writer.TryWrite(true), null, Poll, Poll);

        await foreach (var _ in _signals.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                while (!workspaces.Reload())
                    await Task.Delay(Settling, clock, stoppingToken);
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                log.ReloadFailed(failed, Poll);
            }
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(folder);
            watcher.Changed += (_, _) => _signals.Writer.TryWrite(true);
            watcher.Created += (_, _) => _signals.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _signals.Writer.TryWrite(true);
            watcher.Deleted += (_, _) => _signals.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception notWatched)
        {
            log.NotWatched(notWatched, folder, Poll);
            return null;
        }
    }

    private void WarnOfMissingSecrets(WorkspaceConfiguration workspace)
    {
        foreach (var reference in secrets.MissingOf(workspace))
            log.SecretMissing(workspace.Name, reference);
    }
}
