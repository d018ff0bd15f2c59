using System.Diagnostics;
using System.Globalization;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.IntegrationTests.Postgres;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly ServerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stopped_server_is_gone_and_the_next_one_has_its_data()
    {
        int first;
        await using (var server = await _folder.StartAsync())
        {
            first = _folder.Postmaster;
            await ServerFolder.AskAsync(server.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS answer");
        }

        Assert.False(ServerFolder.IsRunning(first));
        Assert.False(File.Exists(_folder.PostmasterFile));
        await using var next = await _folder.StartAsync();
        Assert.Equal(42, await ServerFolder.AskAsync(next.ConnectionString, "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task The_server_is_reached_by_its_socket_only_and_by_a_role_that_is_no_superuser()
    {
        await using var server = await _folder.StartAsync();

        Assert.Equal("", await ServerFolder.AskAsync(server.ConnectionString, "SHOW listen_addresses"));
        Assert.Equal("off", await ServerFolder.AskAsync(server.ConnectionString, "SHOW is_superuser"));
        var socketFolder = new NpgsqlConnectionStringBuilder(server.ConnectionString).Host ?? "";
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(socketFolder).UnixFileMode);
    }

    [Fact]
    public async Task What_is_acknowledged_is_durable_and_the_text_is_UTF8_with_checksums()
    {
        await using var server = await _folder.StartAsync();

        foreach (var (setting, value) in ((string, string)[])[
            ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("data_checksums", "on"), ("server_encoding", "UTF8"), ("TimeZone", "UTC")])
        {
            Assert.Equal(value, await ServerFolder.AskAsync(server.ConnectionString, $"SHOW {setting}"));
        }

        Assert.Equal("ÄÉ", await ServerFolder.AskAsync(server.ConnectionString, "SELECT upper('äé')"));
    }

    [Fact]
    public async Task After_kill_9_of_its_process_the_next_start_ends_the_orphan_and_has_all_that_was_committed()
    {
        using var host = await ServerHost.StartAsync(_folder.Path);
        await ServerFolder.AskAsync(host.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS answer");
        var orphan = _folder.Postmaster;
        await host.KillAsync();
        Assert.True(ServerFolder.IsRunning(orphan), "The server should outlive a killed host, or this test shows nothing.");

        await using var server = await _folder.StartAsync();

        Assert.False(ServerFolder.IsRunning(orphan));
        Assert.NotEqual(orphan, _folder.Postmaster);
        Assert.Equal(42, await ServerFolder.AskAsync(server.ConnectionString, "SELECT answer FROM kept"));
    }

    [Fact]
    public async Task A_second_process_on_one_folder_is_told_who_has_it()
    {
        using var host = await ServerHost.StartAsync(_folder.Path);

        var refusal = await Assert.ThrowsAsync<DataFolderInUseException>(_folder.StartAsync);

        Assert.Contains(_folder.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"process {host.Id}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await ServerFolder.AskAsync(host.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_leftover_lock_file_whose_pid_is_another_programs_by_now_is_no_obstacle()
    {
        await using (await _folder.StartAsync()) { }
        using var stranger = Process.Start("sleep", "600");
        await File.WriteAllTextAsync(
            _folder.PostmasterFile, string.Create(CultureInfo.InvariantCulture, $"{stranger.Id}\n{_folder.Cluster}\n1700000000\n5432\n/nowhere\n\n  1  2\nready   \n"));

        await using var server = await _folder.StartAsync();

        Assert.Equal(1, await ServerFolder.AskAsync(server.ConnectionString, "SELECT 1"));
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    public async Task A_server_that_dies_is_started_again_under_the_same_address()
    {
        await using var server = await _folder.StartAsync();
        await ServerFolder.AskAsync(server.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS answer");
        var first = _folder.Postmaster;

        using (var postmaster = Process.GetProcessById(first)) postmaster.Kill();

        await ServerFolder.UntilAsync(
            async () =>
            {
                try
                {
                    return await ServerFolder.AskAsync(server.ConnectionString, "SELECT answer FROM kept") is 42 && _folder.Postmaster != first;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            "a new server that answers");
        Assert.False(server.Exited.IsCompleted);
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_the_first_start_leaves_nothing_that_hinders_the_next()
    {
        var unfinished = _folder.Cluster + ".new-1";
        Directory.CreateDirectory(unfinished);
        await File.WriteAllTextAsync(Path.Combine(unfinished, "PG_VERSION"), "15\n");

        await using var server = await _folder.StartAsync();

        Assert.False(Directory.Exists(unfinished));
        Assert.Equal(1, await ServerFolder.AskAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task A_data_folder_whose_path_is_too_long_for_a_socket_works()
    {
        using var folder = new ServerFolder(Path.Combine(new string('a', 60), new string('b', 60), "and spaces, commas; quotes'", "data"));
        string socketFolder;
        await using (var server = await folder.StartAsync())
        {
            Assert.Equal(1, await ServerFolder.AskAsync(server.ConnectionString, "SELECT 1"));
            socketFolder = new NpgsqlConnectionStringBuilder(server.ConnectionString).Host ?? "";
        }

        Assert.False(Directory.Exists(socketFolder));
    }

    [Fact]
    public async Task Settings_of_the_options_win()
    {
        var options = new EmbeddedPostgresOptions { DataFolder = _folder.Path, Settings = { ["max_connections"] = "17" } };

        await using var server = await EmbeddedPostgres.StartAsync(
            options, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System, CancellationToken.None);

        Assert.Equal("17", await ServerFolder.AskAsync(server.ConnectionString, "SHOW max_connections"));
    }

    [Fact]
    public async Task A_server_that_refuses_to_start_says_why_and_lets_go_of_the_folder()
    {
        var options = new EmbeddedPostgresOptions { DataFolder = _folder.Path, Settings = { ["shared_buffers"] = "nonsense" } };

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(
            options, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System, CancellationToken.None));

        Assert.Contains("shared_buffers", refusal.Message, StringComparison.Ordinal);
        await using var server = await _folder.StartAsync();
    }
}
