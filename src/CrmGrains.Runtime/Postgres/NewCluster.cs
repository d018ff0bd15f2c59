using System.Globalization;

namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// Makes a cluster's files: in a folder beside it that takes its name when it is complete, so a crash leaves none or a
/// whole one.
/// </summary>
internal static class NewCluster
{
    /// <summary>The major version of the PostgreSQL that made the cluster; null where there is none yet.</summary>
    public static int? MajorOf(string cluster)
    {
        try
        {
            return int.Parse(File.ReadAllText(Path.Combine(cluster, "PG_VERSION")), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException(
                $"{cluster} belongs to another user. Run CrmGrains as the user who made it, or name another folder.", e);
        }
    }

    public static async Task MakeAsync(
        string cluster, PostgresBinaries binaries, ServerUser user, bool isDurable, CancellationToken cancellationToken)
    {
        RemoveUnfinished(cluster);
        var unfinished = $"{cluster}.new-{Environment.ProcessId}";
        Directory.CreateDirectory(unfinished);
        await user.GiveAsync(unfinished, cancellationToken);

        var made = await InitdbAsync("C.UTF-8");
        if (made.ExitCode != 0) made = await InitdbAsync("C");  // a system without that locale: only ASCII has upper and lower case
        if (made.ExitCode != 0) throw new EmbeddedPostgresException($"initdb failed in {unfinished}: {made.Error}");

        try
        {
            if (Directory.Exists(cluster)) Directory.Delete(cluster);  // throws unless it is empty
            Directory.Move(unfinished, cluster);
        }
        catch (IOException e)
        {
            throw new EmbeddedPostgresException(
                $"{cluster} is in the way: it is neither an empty folder nor a PostgreSQL cluster. Move it away.", e);
        }

        Task<Command> InitdbAsync(string characters)
        {
            // Text sorts by its bytes: fast, and the same on every machine and after every update of the system's locales.
            // Whoever gets into the private socket folder is trusted, so there is no password to keep.
            // A new segment of the log is filled with zeros while commits wait: with the usual 16 MB each hundredth of them took 40 ms.
            string[] durability = isDurable ? [] : ["--no-sync"];
            return Command.RunAsync(
                user.Runs([
                    binaries.Initdb, "--pgdata", unfinished, "--username=postgres",
                    "--encoding=UTF8", "--locale=C", $"--lc-ctype={characters}", "--data-checksums", "--wal-segsize=2",
                    "--auth-local=trust", "--auth-host=reject", "--no-instructions", .. durability]),
                cancellationToken);
        }
    }

    private static void RemoveUnfinished(string cluster)
    {
        foreach (var folder in Directory.GetDirectories(Path.GetDirectoryName(cluster) ?? "/", Path.GetFileName(cluster) + ".new-*"))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // An initdb that outlived its CrmGrains still writes there. It does no harm, and the next new cluster removes it.
            }
        }
    }
}
