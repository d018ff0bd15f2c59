using CrmGrains.Faults.Cluster;
using CrmGrains.Runtime.Postgres;

namespace CrmGrains.Faults.Versions;

/// <summary>
/// The version before the newest migration, as the repository's history has it: what still runs for a while beside the new one when a
/// cluster is updated process by process.
/// </summary>
internal sealed record PreviousVersion(string Repository, string Commit)
{
    /// <summary>Names another commit to take for the previous version.</summary>
    public const string Variable = "CRMGRAINS_PREVIOUS_COMMIT";

    private const string Migrations = "src/CrmGrains.Runtime/Schema";

    /// <summary>Finds it.</summary>
    /// <returns>The version, or why there is none here.</returns>
    public static async Task<(PreviousVersion? Version, string? Obstacle)> FindAsync(CancellationToken cancellationToken)
    {
        if (RepositoryAbove(AppContext.BaseDirectory) is not { } repository)
            return (null, "the program doesn't lie in a repository");
        var newest = Directory.GetFiles(Path.Combine(repository, Migrations), "*.sql").Select(Path.GetFileName).Max(StringComparer.Ordinal);
        var added = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? await GitAsync(repository, cancellationToken, "rev-parse", "--verify", "--quiet", $"{named}^{{commit}}")
            : await GitAsync(repository, cancellationToken, "log", "--max-count=1",
                "--diff-filter=A", "--format=%H^", "--", $"{Migrations}/{newest}");
        var commit = added.Length == 0 ? "" : await GitAsync(repository, cancellationToken, "rev-parse", "--verify", "--quiet", added);
        if (commit.Length == 0)
            return (null, $"the repository's history doesn't reach back to before {newest}");
        var has = await GitAsync(repository, cancellationToken, "ls-tree", "--name-only", commit,
            "src/CrmGrains.Host/Commands/ServeCommand.cs");
        return has.Length == 0
            ? (null, $"the version before {newest} ({commit[..7]}) had no program that serves")
            : (new PreviousVersion(repository, commit), null);
    }

    /// <summary>Builds its program.</summary>
    /// <param name="folder">Where its source and the build go.</param>
    /// <returns>The path of the program's assembly.</returns>
    public async Task<string> BuildAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await RunAsync(cancellationToken, "sh", "-c", "git -C \"$0\" archive \"$1\" | tar -x -C \"$2\"", Repository, Commit, folder);
        var program = Path.Combine(folder, "built");
        // In the environment of whoever runs us: the restore needs its home.
        await RunAsync(
            cancellationToken, "env", $"HOME={Environment.GetEnvironmentVariable("HOME")}",
            $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}", "dotnet", "publish",
            Path.Combine(folder, "src", "CrmGrains.Host"), "-c", "Release", "-o", program, "--disable-build-servers", "-v", "quiet");
        return Path.Combine(program, "crmgrains.dll");
    }

    private static string? RepositoryAbove(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            // A file in a linked working tree.
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
                return folder.FullName;
        }

        return null;
    }

    private static async Task<string> GitAsync(string repository, CancellationToken cancellationToken, params string[] arguments)
    {
        var git = await Command.RunAsync(["git", "-c", $"safe.directory={repository}", "-C", repository, .. arguments], cancellationToken);
        return git.ExitCode == 0 ? git.Output : "";
    }

    private static async Task RunAsync(CancellationToken cancellationToken, params string[] command)
    {
        var run = await Command.RunAsync(command, cancellationToken);
        if (run.ExitCode != 0)
            throw new ClusterException($"{string.Join(' ', command)} failed:\n{run.Output}\n{run.Error}");
    }
}
