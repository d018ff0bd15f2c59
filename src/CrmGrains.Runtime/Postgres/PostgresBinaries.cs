using System.Globalization;
using System.Text.RegularExpressions;

namespace CrmGrains.Runtime.Postgres;

/// <summary>The machine's own PostgreSQL: the folder of its programs and its major version.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    private const int OldestMajor = 15;
    private const string DebianRoot = "/usr/lib/postgresql";
    private const string HowToInstall = "Install it (Debian, Ubuntu: `apt-get update && apt-get install -y postgresql`), "
        + "or name a PostgreSQL server to use instead.";

    public string Postgres => Path.Combine(Folder, "postgres");
    public string Initdb => Path.Combine(Folder, "initdb");

    /// <summary>Finds what to run: on the search path first, then the newest that Debian has installed.</summary>
    /// <param name="clusterMajor">The version that made the cluster, which only the same version can run; null for a new cluster.</param>
    /// <exception cref="PostgresMissingException">There is none that will do.</exception>
    public static Task<PostgresBinaries> FindAsync(int? clusterMajor, CancellationToken cancellationToken) =>
        FindAsync(clusterMajor, Environment.GetEnvironmentVariable("PATH") ?? "", DebianRoot, cancellationToken);

    internal static async Task<PostgresBinaries> FindAsync(
        int? clusterMajor, string searchPath, string debianRoot, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in Folders(searchPath, debianRoot))
        {
            if (await MajorOfAsync(folder, cancellationToken) is not { } major) continue;
            var binaries = new PostgresBinaries(folder, major);
            if (clusterMajor is null ? major >= OldestMajor : major == clusterMajor) return binaries;
            found.Add(binaries);
        }

        throw new PostgresMissingException((clusterMajor, found) switch
        {
            (_, []) => $"PostgreSQL is missing: no folder on PATH and none under {debianRoot} has both initdb and postgres. {HowToInstall}",
            (null, _) => $"PostgreSQL {OldestMajor} or newer is missing: found only {Listed(found)}. {HowToInstall}",
            _ => $"The data was written by PostgreSQL {clusterMajor}, which is missing: found {Listed(found)}. Install it (Debian: `apt-get install "
                + $"-y postgresql-{clusterMajor}`), or move the data to another version with pg_upgrade.",
        });
    }

    private static IEnumerable<string> Folders(string searchPath, string debianRoot)
    {
        var onPath = searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var installed = Directory.Exists(debianRoot) ? Directory.GetDirectories(debianRoot) : [];
        return onPath
            .Concat(installed
                .OrderByDescending(folder => double.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin")))
            .Where(folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")))
            .Distinct();
    }

    private static async Task<int?> MajorOfAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            var version = await Command.RunAsync([Path.Combine(folder, "postgres"), "--version"], cancellationToken);
            var match = MajorPattern().Match(version.Output);
            return match.Success ? int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture) : null;
        }
        catch (EmbeddedPostgresException)
        {
            return null;  // not a program that we may run
        }
    }

    private static string Listed(IEnumerable<PostgresBinaries> found) => string.Join(", ", found.Select(b => $"{b.Major} in {b.Folder}"));

    // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)", "postgres (PostgreSQL) 18beta1"
    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MajorPattern();
}
