using System.Globalization;

namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// Who runs the server's programs: we ourselves, or, since PostgreSQL refuses to run as root, the cluster's owner, who is the
/// user <c>postgres</c> at first.
/// </summary>
internal sealed class ServerUser
{
    // Lets the server pass through folders that are closed to it, such as /root, and nothing more: it can't write there.
    // The server's superuser could read any file with it, so it is given only where there is no other way, and CrmGrains
    // itself connects as a plain role.
    private static readonly string[] PassThrough = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];

    private readonly string[] _prefix;
    private readonly string? _owner;

    private ServerUser(string[] prefix, string? owner) => (_prefix, _owner) = (prefix, owner);

    /// <summary>Finds a user who can run a server in this folder.</summary>
    /// <exception cref="EmbeddedPostgresException">We are root, and there is no such user or the folder is closed to it.</exception>
    public static async Task<ServerUser> FindAsync(string dataFolder, string cluster, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess) return new ServerUser([], owner: null);

        var (uid, gid) = await OwnerOfAsync(cluster, cancellationToken) ?? await PostgresAsync(cancellationToken);
        string[] plain = ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups"];
        foreach (string[] prefix in (string[][])[plain, [.. plain, .. PassThrough]])
        {
            var user = new ServerUser(prefix, $"{uid}:{gid}");
            if ((await Command.RunAsync(user.Runs("sh", "-c", "cd \"$0\"", dataFolder), cancellationToken)).ExitCode == 0) return user;
        }

        throw new EmbeddedPostgresException(
            $"CrmGrains runs as root, so PostgreSQL runs as the user {uid}, who can't reach {dataFolder}. Name a data folder outside of "
            + "closed folders such as /root (for example /var/lib/crmgrains), or run CrmGrains as an ordinary user.");
    }

    /// <summary>The command line that runs a program as this user.</summary>
    public IEnumerable<string> Runs(params IEnumerable<string> command) => [.. _prefix, .. command];

    /// <summary>Makes this user the owner of a file or folder.</summary>
    public async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        if (_owner is null) return;
        var chown = await Command.RunAsync(["chown", "--no-dereference", _owner, path], cancellationToken);
        if (chown.ExitCode != 0) throw new EmbeddedPostgresException($"The owner of {path} can't be changed: {chown.Error}");
    }

    private static async Task<(string Uid, string Gid)?> OwnerOfAsync(string cluster, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(cluster)) return null;
        var owner = await Command.RunAsync(["stat", "-c", "%u %g", cluster], cancellationToken);
        return owner.Output.Split(' ') is [var uid, var gid] && uid != "0" ? (uid, gid) : null;
    }

    private static async Task<(string Uid, string Gid)> PostgresAsync(CancellationToken cancellationToken)
    {
        var uid = await Command.RunAsync(["id", "-u", "postgres"], cancellationToken);
        var gid = await Command.RunAsync(["id", "-g", "postgres"], cancellationToken);
        if (uid.ExitCode != 0 || gid.ExitCode != 0 || !int.TryParse(uid.Output, CultureInfo.InvariantCulture, out _))
        {
            throw new EmbeddedPostgresException("CrmGrains runs as root, and PostgreSQL can't: it needs a user named postgres, and there is "
                + "none. Make one (`useradd --system postgres`), or run CrmGrains as an ordinary user.");
        }

        return (uid.Output, gid.Output);
    }
}
