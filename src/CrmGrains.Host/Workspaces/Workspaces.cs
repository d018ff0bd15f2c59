using System.Collections.Frozen;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration;

/// <summary>
/// The workspaces in force. They are read before an instance exists and only ever replaced by a file without fault, so whoever
/// has an instance always has valid configurations. Safe to read from many threads; a configuration at hand never changes.
/// </summary>
public sealed class Workspaces : IWorkspaces
{
    private readonly WorkspaceFolder _folder;
    private readonly WorkspaceMetrics _metrics;
    private readonly ILogger<Workspaces> _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Seen> _seen = [];
    private readonly List<Follower> _followers = [];
    private FrozenDictionary<string, WorkspaceConfiguration> _current = FrozenDictionary<string, WorkspaceConfiguration>.Empty;
    private string[] _paused = [];

    private Workspaces(WorkspaceFolder folder, WorkspaceMetrics metrics, ILogger<Workspaces> log)
    {
        _folder = folder;
        _metrics = metrics;
        _log = log;
    }

    /// <summary>All of them, by name, as of now.</summary>
    public IReadOnlyDictionary<string, WorkspaceConfiguration> Current => Volatile.Read(ref _current);

    /// <summary>The workspace's configuration as of now; null where there is no such workspace.</summary>
    public WorkspaceConfiguration? Find(string name) => Volatile.Read(ref _current).GetValueOrDefault(name);

    /// <inheritdoc/>
    public IReadOnlyList<string> PausedSources => Volatile.Read(ref _paused);

    /// <summary>Calls back, one at a time, for every configuration that comes into force from now on, after it did.</summary>
    /// <returns>Ends it when disposed.</returns>
    public IDisposable OnChange(Action<WorkspaceConfiguration> changed)
    {
        var follower = new Follower(this, changed);
        lock (_followers)
            _followers.Add(follower);
        return follower;
    }

    /// <summary>Reads every workspace file of a folder.</summary>
    /// <exception cref="WorkspaceFaultsException">A file has faults, or the folder can't be read.</exception>
    internal static Workspaces Load(string folder, WorkspaceMetrics metrics, ILogger<Workspaces> log)
    {
        var workspaces = new Workspaces(new WorkspaceFolder(folder), metrics, log);
        workspaces.LoadAll();
        return workspaces;
    }

    /// <summary>Looks at the files again and takes those that changed and are without fault.</summary>
    /// <returns>
    /// False where a file has changed just now: it is judged when it reads the same twice, because one that is being written may be
    /// valid half-way and mean something else. Look again soon.
    /// </returns>
    internal bool Reload()
    {
        lock (_gate)
        {
            var files = _folder.Files();
            var isSettled = true;
            foreach (var (file, seen) in _seen.Where(each => !files.Contains(each.Key)).ToList())
                NoteGone(file, seen);
            foreach (var file in files)
                isSettled &= Look(file);
            return isSettled;
        }
    }

    private void LoadAll()
    {
        if (!_folder.Exists)
            throw new WorkspaceFaultsException([.. WorkspaceFile.Faulty(_folder.Path, "There is no such folder. Name the one with the workspace files.").Faults]);
        var read = _folder.Files().Select(path => (Path: path, File: WorkspaceFolder.Read(path, out var hash) is { } bytes
            ? WorkspaceFile.Parse(path, bytes)
            : WorkspaceFile.Faulty(path, "The file can't be read. Check that it is there and who may read it."), Hash: hash)).ToList();
        if (read.Any(each => !each.File.IsValid))
            throw new WorkspaceFaultsException([.. read.SelectMany(each => each.File.Faults)]);

        foreach (var (path, file, hash) in read)
        {
            _seen[path] = new Seen(hash, hash, IsGone: false);
            Take(path, file);
        }

        if (read.Count == 0)
            _log.NoWorkspace(_folder.Path);
    }

    /// <returns>False where the file has to be looked at again soon.</returns>
    private bool Look(string path)
    {
        var seen = _seen.GetValueOrDefault(path, Seen.Never);
        if (WorkspaceFolder.Read(path, out var hash) is not { } bytes)
        {
            NoteGone(path, seen);
            return true;
        }

        if (hash == seen.JudgedHash && !seen.IsGone)
        {
            _seen[path] = seen with { LastHash = hash };
            return true;
        }

        _seen[path] = seen with { LastHash = hash };
        if (hash != seen.LastHash)
            return false;
        _seen[path] = new Seen(hash, hash, IsGone: false);
        Take(path, WorkspaceFile.Parse(path, bytes));
        return true;
    }

    private void Take(string path, WorkspaceFile file)
    {
        var name = WorkspaceFolder.NameOf(path);
        _metrics.FileJudged(name, file.IsValid);
        if (!file.IsValid)
        {
            foreach (var fault in file.Faults)
                _log.FaultFound(fault);
            _log.FileNotTaken(path, file.Faults.Count, name);
            return;
        }

        var configuration = file.Configuration;
        _log.Configured(name, path, configuration.Hash);
        if (Find(name)?.Hash == configuration.Hash)
            return;
        var next = new Dictionary<string, WorkspaceConfiguration>(_current) { [name] = configuration };
        Volatile.Write(ref _current, next.ToFrozenDictionary());
        Volatile.Write(ref _paused, [.. next.Values.SelectMany(workspace => workspace.Sources.Values
            .Where(source => source.IsPaused).Select(source => $"{workspace.Name}/{source.Name}"))]);
        Tell(configuration);
    }

    private void NoteGone(string path, Seen seen)
    {
        if (seen.IsGone)
            return;
        var name = WorkspaceFolder.NameOf(path);
        _seen[path] = seen with { IsGone = true, LastHash = "" };
        _metrics.FileJudged(name, isValid: false);
        _log.FileGone(path, name);
    }

    private void Tell(WorkspaceConfiguration configuration)
    {
        List<Follower> followers;
        lock (_followers)
            followers = [.. _followers];
        foreach (var follower in followers)
        {
            try
            {
                follower.Changed(configuration);
            }
            catch (Exception failed)
            {
                _log.FollowerFailed(failed, configuration.Name);
            }
        }
    }

    /// <summary>What is known of a file.</summary>
    /// <param name="JudgedHash">Of the content that was taken or found faulty last; faults are said once.</param>
    /// <param name="LastHash">Of the content when it was looked at last.</param>
    /// <param name="IsGone">Whether it wasn't there when it was looked at last.</param>
    private sealed record Seen(string JudgedHash, string LastHash, bool IsGone)
    {
        public static readonly Seen Never = new("", "", IsGone: false);
    }

    private sealed class Follower(Workspaces workspaces, Action<WorkspaceConfiguration> changed) : IDisposable
    {
        public Action<WorkspaceConfiguration> Changed => changed;

        public void Dispose()
        {
            lock (workspaces._followers)
                workspaces._followers.Remove(this);
        }
    }
}
