using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Tests.Configuration;

public sealed class WorkspacesTests : IDisposable
{
    private const string Faulty = "workspace: demo\nsources: 5\nextra: 1\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("crmgrains-workspaces-").FullName;
    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly WorkspaceMetrics _metrics;

    public WorkspacesTests() => _metrics = new WorkspaceMetrics(_services.GetRequiredService<IMeterFactory>());

    public void Dispose()
    {
        _services.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Every_yaml_file_of_the_folder_is_a_workspace_and_nothing_else_is()
    {
        Write("demo", Demo.Text);
        Write("acme", Demo.With("workspace: demo", "workspace: acme"));
        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "no workspace");
        File.WriteAllText(Path.Combine(_folder, ".demo.yaml"), "half of");

        var workspaces = Load();

        Assert.Equal(["acme", "demo"], workspaces.Current.Keys.Order());
        Assert.Equal("acme", workspaces.Find("acme")?.Name);
        Assert.Null(workspaces.Find("nobody"));
    }

    [Fact]
    public void A_start_with_faults_fails_and_lists_those_of_all_files()
    {
        Write("demo", Faulty);
        Write("acme", Demo.With("workspace: demo", "workspace: other"));

        var failed = Assert.Throws<WorkspaceFaultsException>(Load);

        Assert.Equal(3, failed.Faults.Count);
        Assert.Contains("acme.yaml:", failed.Message, StringComparison.Ordinal);
        Assert.Contains("demo.yaml:2:10: sources: It must be keys with values", failed.Message, StringComparison.Ordinal);
        Assert.Contains("demo.yaml:3:1: extra: The key is unknown here", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_fails_and_is_named()
    {
        var failed = Assert.Throws<WorkspaceFaultsException>(
            () => Workspaces.Load(Path.Combine(_folder, "nowhere"), _metrics, new ListLog<Workspaces>(_log)));

        Assert.Contains("nowhere:1:1: There is no such folder", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_comes_into_force_once_it_reads_the_same_twice_and_followers_are_told()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();
        var told = new List<WorkspaceConfiguration>();
        using var following = workspaces.OnChange(told.Add);
        var before = workspaces.Find("demo");

        Write("demo", Demo.With("start: 0", "start: 5"));

        Assert.False(workspaces.Reload());
        Assert.Same(before, workspaces.Find("demo"));
        Assert.True(workspaces.Reload());
        Assert.Equal(5, workspaces.Find("demo")?.Scoring.Start);
        Assert.Equal(0, before?.Scoring.Start);
        Assert.Same(workspaces.Find("demo"), Assert.Single(told));
        Assert.True(workspaces.Reload());
        Assert.Single(told);
    }

    [Fact]
    public void A_file_that_is_still_being_written_is_waited_for_though_its_half_would_be_valid()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();
        var half = Demo.Text[..Demo.Text.IndexOf("# The CRM account", StringComparison.Ordinal)];
        Assert.Null(Demo.Valid(half).Crm);

        Write("demo", half);
        Assert.False(workspaces.Reload());
        Write("demo", Demo.Text + "# longer\n");
        Assert.False(workspaces.Reload());
        Assert.True(workspaces.Reload());

        Assert.NotNull(workspaces.Find("demo")?.Crm);
    }

    [Fact]
    public void A_faulty_file_leaves_the_old_configuration_in_force_and_says_every_fault_once()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();
        var before = workspaces.Find("demo");
        Assert.Equal(1, Valid("demo"));

        Write("demo", Faulty);
        Settle(workspaces);
        Settle(workspaces);

        Assert.Same(before, workspaces.Find("demo"));
        Assert.Equal(0, Valid("demo"));
        Assert.Single(_log.Lines, line => line.Contains("demo.yaml:2:10: sources: It must be keys", StringComparison.Ordinal));
        Assert.Single(_log.Lines, line => line.Contains("demo.yaml:3:1: extra: The key is unknown", StringComparison.Ordinal));
        Assert.Single(_log.Lines, line => line.Contains("has 2 faults and wasn't taken", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mended_file_is_taken_and_one_that_is_as_it_was_is_no_change()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();
        var before = workspaces.Find("demo");
        Write("demo", Faulty);
        Settle(workspaces);

        Write("demo", Demo.Text);
        Settle(workspaces);
        Assert.Same(before, workspaces.Find("demo"));
        Assert.Equal(1, Valid("demo"));

        Write("demo", Demo.With("start: 0", "start: 5"));
        Settle(workspaces);
        Assert.Equal(5, workspaces.Find("demo")?.Scoring.Start);
    }

    [Fact]
    public void A_file_that_is_gone_leaves_its_workspace_in_force_and_warns_once_until_it_is_back()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();

        File.Delete(PathOf("demo"));
        Settle(workspaces);
        Settle(workspaces);

        Assert.NotNull(workspaces.Find("demo"));
        Assert.Equal(0, Valid("demo"));
        Assert.Single(_log.Lines, line => line.Contains("is gone or can't be read", StringComparison.Ordinal));

        Write("demo", Demo.With("start: 0", "start: 5"));
        Settle(workspaces);
        Assert.Equal(5, workspaces.Find("demo")?.Scoring.Start);
        Assert.Equal(1, Valid("demo"));
    }

    [Fact]
    public void A_new_file_is_a_new_workspace()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();

        Write("acme", Demo.With("workspace: demo", "workspace: acme"));
        Settle(workspaces);

        Assert.Equal(["acme", "demo"], workspaces.Current.Keys.Order());
    }

    [Fact]
    public void A_follower_that_fails_keeps_no_other_from_being_told_and_one_that_left_is_told_nothing()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();
        var told = 0;
        using var failing = workspaces.OnChange(_ => throw new InvalidOperationException("broken follower"));
        using var following = workspaces.OnChange(_ => told++);
        workspaces.OnChange(_ => told += 100).Dispose();

        Write("demo", Demo.With("start: 0", "start: 5"));
        Settle(workspaces);

        Assert.Equal(1, told);
        Assert.Contains(_log.Lines, line => line.Contains("Something that follows changes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_poll_finds_a_folder_that_was_exchanged_as_a_whole_keeps_the_old_on_faults_and_takes_the_mended_one()
    {
        // The watcher follows the folder that the link led to at first, so what happens below is found by looking only.
        var link = Path.Combine(_folder, "mounted");
        Exchange(link, "v1", Demo.Text);
        var workspaces = Workspaces.Load(link, _metrics, new ListLog<Workspaces>(_log));
        using var reload = new WorkspaceReload(workspaces, link, new Secrets(_clock, _ => "set"), _clock, new ListLog<WorkspaceReload>(_log));
        await reload.StartAsync(CancellationToken.None);

        Exchange(link, "v2", Faulty);
        await UntilAsync(() => _log.Lines.Any(line => line.Contains("has 2 faults", StringComparison.Ordinal)), "the faulty file was noticed");
        Assert.Equal(0, Valid("demo"));
        Assert.Equal(0, workspaces.Find("demo")?.Scoring.Start);

        Exchange(link, "v3", Demo.With("start: 0", "start: 5"));
        await UntilAsync(() => workspaces.Find("demo")?.Scoring.Start == 5, "the mended file was taken");
        Assert.Equal(1, Valid("demo"));

        await reload.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task References_without_a_value_are_warned_of_by_name_at_the_start_and_after_a_change()
    {
        Write("demo", Demo.Text);
        var workspaces = Load();
        using var reload = new WorkspaceReload(workspaces, _folder, new Secrets(_clock, _ => null), _clock, new ListLog<WorkspaceReload>(_log));
        await reload.StartAsync(CancellationToken.None);

        await UntilAsync(() => Warned("env:STRIPE_SECRET"), "the missing secret was warned of");
        Write("demo", Demo.With("env:STRIPE_SECRET", "env:OTHER_SECRET"));
        await UntilAsync(() => Warned("env:OTHER_SECRET"), "the new reference was warned of");

        await reload.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_host_with_the_workspaces_starts_with_valid_files_and_not_with_faulty_ones()
    {
        Write("demo", Demo.Text);
        using (var host = HostOf(_folder))
        {
            await host.StartAsync();
            Assert.NotNull(host.Services.GetRequiredService<Workspaces>().Find("demo"));
            await host.StopAsync();
        }

        Write("demo", Faulty);
        using var faulty = HostOf(_folder);
        await Assert.ThrowsAsync<WorkspaceFaultsException>(() => faulty.StartAsync());
    }

    private static IHost HostOf(string folder)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Workspaces:Folder"] = folder;
        builder.Services.AddMetrics().AddWorkspaces();
        return builder.Build();
    }

    private bool Warned(string reference) => _log.Lines.Any(line => line.Contains($"{reference} has no value", StringComparison.Ordinal));

    private string PathOf(string name) => Path.Combine(_folder, $"{name}.yaml");

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    private void Exchange(string link, string version, string text)
    {
        var target = Directory.CreateDirectory(Path.Combine(_folder, version)).FullName;
        File.WriteAllText(Path.Combine(target, "demo.yaml"), text);
        if (Directory.Exists(link))
            Directory.Delete(link);
        Directory.CreateSymbolicLink(link, target);
    }

    private Workspaces Load() => Workspaces.Load(_folder, _metrics, new ListLog<Workspaces>(_log));

    private static void Settle(Workspaces workspaces)
    {
        if (!workspaces.Reload())
            Assert.True(workspaces.Reload(), "A file that nobody writes must be settled at the second look.");
    }

    private int? Valid(string workspace)
    {
        int? valid = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "workspace_configuration_valid" && ReferenceEquals(instrument.Meter.Scope, _services.GetRequiredService<IMeterFactory>()))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            if (tags[0].Value as string == workspace)
                valid = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return valid;
    }

    /// <summary>Turns the clock on until the loop, which runs beside the test, has done what is waited for.</summary>
    private async Task UntilAsync(Func<bool> happened, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (!happened())
        {
            Assert.False(patience.IsCancellationRequested, $"After 20 s it still wasn't so that {what}.");
            _clock.Advance(WorkspaceReload.Settling);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    private sealed class LogLines
    {
        public ConcurrentQueue<string> Lines { get; } = new();
    }

    private sealed class ListLog<T>(LogLines lines) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Lines.Enqueue(formatter(state, exception));
    }
}
