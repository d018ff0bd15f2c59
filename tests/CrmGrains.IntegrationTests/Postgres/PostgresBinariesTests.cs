using CrmGrains.Runtime.Postgres;

namespace CrmGrains.IntegrationTests.Postgres;

public sealed class PostgresBinariesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("crmgrains-tests-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Where_there_is_none_the_message_says_what_is_missing_and_how_to_install_it()
    {
        var missing = await Assert.ThrowsAsync<PostgresMissingException>(() => FindAsync(clusterMajor: null, searchPath: "/nowhere"));

        Assert.Contains("initdb and postgres", missing.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get update && apt-get install -y postgresql", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_too_old_is_named()
    {
        var folder = Install("old", "PostgreSQL) 14.2");

        var missing = await Assert.ThrowsAsync<PostgresMissingException>(() => FindAsync(clusterMajor: null, folder));

        Assert.Contains($"14 in {folder}", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_search_path_comes_first_then_the_newest_installed()
    {
        var onPath = Install("path", "PostgreSQL) 16.1");
        Install("debian/9.6/bin", "PostgreSQL) 9.6.24");
        Install("debian/15/bin", "PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)");
        var newest = Install("debian/17/bin", "PostgreSQL) 17.0");

        Assert.Equal(new PostgresBinaries(onPath, 16), await FindAsync(clusterMajor: null, onPath));
        Assert.Equal(new PostgresBinaries(newest, 17), await FindAsync(clusterMajor: null, "/nowhere"));
    }

    [Fact]
    public async Task A_cluster_is_run_by_the_version_that_made_it_or_not_at_all()
    {
        var onPath = Install("path", "PostgreSQL) 17.1");
        var maker = Install("debian/15/bin", "PostgreSQL) 15.13");

        Assert.Equal(new PostgresBinaries(maker, 15), await FindAsync(clusterMajor: 15, onPath));
        var missing = await Assert.ThrowsAsync<PostgresMissingException>(() => FindAsync(clusterMajor: 16, onPath));
        Assert.Contains("postgresql-16", missing.Message, StringComparison.Ordinal);
    }

    private Task<PostgresBinaries> FindAsync(int? clusterMajor, string searchPath) =>
        PostgresBinaries.FindAsync(clusterMajor, searchPath, Path.Combine(_root, "debian"), CancellationToken.None);

    private string Install(string folder, string version)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_root, folder)).FullName;
        foreach (var program in (string[])["postgres", "initdb"])
        {
            var path = Path.Combine(bin, program);
            File.WriteAllText(path, $"#!/bin/sh\necho 'postgres ({version}'\n");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return bin;
    }
}
