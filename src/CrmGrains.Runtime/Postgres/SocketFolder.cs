namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// The private folder of the server's socket. Who may enter it may connect. It lies in the data folder, or, where that path
/// is too long for a socket's address, under a new random name in the temporary folder, which nobody can have prepared.
/// </summary>
internal sealed class SocketFolder
{
    // A socket's address holds 107 bytes on Linux and 103 on macOS, "/.s.PGSQL.5432" included.
    private const int LongestPath = 103 - 14;
    private const string TemporaryPrefix = "crmgrains-";

    private SocketFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Chooses the folder; <see cref="ClearAsync"/> makes it ready.</summary>
    /// <param name="leftover">The socket folder of the last server on this data folder, if that server was killed.</param>
    public static SocketFolder Choose(string dataFolder, string? leftover)
    {
        var temporary = System.IO.Path.GetTempPath();
        if (leftover is not null && leftover.StartsWith(System.IO.Path.Combine(temporary, TemporaryPrefix), StringComparison.Ordinal))
        {
            new SocketFolder(leftover).Remove();
        }

        var own = System.IO.Path.Combine(dataFolder, "socket");
        return new SocketFolder(IsAddress(own) ? own : Directory.CreateTempSubdirectory(TemporaryPrefix).FullName);
    }

    /// <summary>Removes what a killed server left: PostgreSQL takes such a lock file seriously while any process has its pid.</summary>
    public async Task ClearAsync(ServerUser user, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Path))
        {
            foreach (var file in Directory.GetFiles(Path)) File.Delete(file);
        }
        else
        {
            Directory.CreateDirectory(Path);
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await user.GiveAsync(Path, cancellationToken);
    }

    public void Remove()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    // The characters are those that mean nothing to a connection string's list of hosts and to PostgreSQL's list of folders.
    private static bool IsAddress(string path) =>
        path.Length <= LongestPath && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_');
}
