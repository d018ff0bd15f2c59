using System.Text.Json;
using CrmGrains.Sandbox.HubSpot;

namespace CrmGrains.Sandbox.State;

/// <summary>
/// The file that an account outlives its process in. It is replaced as a whole, so it is there as it was or as it is, and
/// never in part. One sandbox at a time has it: a second one would undo what the first writes.
/// </summary>
internal sealed class StateFile : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _replacement;

    private StateFile(string path, FileStream heldLock) => (Path, _lock, _replacement) = (path, heldLock, path + ".new");

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Takes the file, making its folder where there is none, and loads the account from it where it exists.</summary>
    /// <exception cref="InvalidDataException">The file is not a state that this version understands.</exception>
    /// <exception cref="IOException">Another sandbox has the file, or it cannot be reached.</exception>
    public static StateFile Open(string path, Account account)
    {
        path = System.IO.Path.GetFullPath(path);
        if (System.IO.Path.GetDirectoryName(path) is { } folder) Directory.CreateDirectory(folder);
        var file = new StateFile(path, Lock(path));
        try
        {
            file.Load(account);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Puts a state in the place of what the file had.</summary>
    public async Task SaveAsync(AccountState state, CancellationToken cancellationToken)
    {
        await using (var stream = new FileStream(_replacement, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await JsonSerializer.SerializeAsync(stream, state, SandboxJson.Relaxed.AccountState, cancellationToken);
            await stream.FlushAsync(cancellationToken);

            // On the disk before it takes the name, or a loss of power could leave the name with nothing behind it.
            RandomAccess.FlushToDisk(stream.SafeFileHandle);
        }

        File.Move(_replacement, Path, overwrite: true);
    }

    public void Dispose() => _lock.Dispose();

    private void Load(Account account)
    {
        try
        {
            using var stream = File.OpenRead(Path);
            var version = JsonSerializer.Deserialize(stream, SandboxJson.Relaxed.StateHeader)?.Version;
            if (version != AccountState.CurrentVersion)
                throw new InvalidDataException($"It has version {version}; this sandbox reads version {AccountState.CurrentVersion}.");

            stream.Position = 0;
            var state = JsonSerializer.Deserialize(stream, SandboxJson.Relaxed.AccountState);
            AccountSnapshot.Restore(account, state ?? throw new InvalidDataException("It is empty."));
        }
        catch (FileNotFoundException)
        {
            // The first start with this file: the account keeps its seed.
        }
        catch (Exception failure) when (failure is not (IOException or UnauthorizedAccessException))
        {
            // Whatever went wrong after the file could be read is the fault of what it says.
            throw new InvalidDataException(
                $"The state file {Path} cannot be used. {failure.Message} "
                + "Delete it to start with the seed, or move it away to keep it.", failure);
        }
    }

    // A file of its own, since the state file is replaced with every save. It stays behind: removing it would be a race
    // with a sandbox that has just opened it.
    private static FileStream Lock(string path)
    {
        var lockPath = path + ".lock";
        try
        {
            return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new IOException(
                $"The state file {path} cannot be taken; another sandbox may have it ({failure.Message}). "
                + "Stop that one, or name another file.", failure);
        }
    }
}
