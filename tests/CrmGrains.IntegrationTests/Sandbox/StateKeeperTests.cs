using CrmGrains.IntegrationTests.Metrics;
using CrmGrains.Sandbox;
using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.State;
using Microsoft.Extensions.Logging;

namespace CrmGrains.IntegrationTests.Sandbox;

/// <summary>The loop that saves, on a disk that refuses for a while.</summary>
public sealed class StateKeeperTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crmgrains-sandbox-");
    private readonly Account _account = new(TimeProvider.System, new SandboxOptions());
    private readonly KeptLog _log = new();
    private readonly ILoggerFactory _loggers;

    public StateKeeperTests() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));

    private string StatePath => Path.Combine(_folder.FullName, "state.json");

    public void Dispose()
    {
        _loggers.Dispose();
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_save_that_fails_is_logged_once_and_tried_again_until_it_works()
    {
        var obstacle = Directory.CreateDirectory(StatePath + ".new");  // where the replacement would be written
        using var file = StateFile.Open(StatePath, _account);
        using var keeper = Keeper(file);
        await keeper.StartAsync(CancellationToken.None);
        await SandboxTest.Until(() => HasLogged("could not be saved"), "The failure was not logged.");

        obstacle.Delete();
        await SandboxTest.Until(() => HasLogged("saved to " + StatePath + " again"), "The state was not saved when it could be.");

        Assert.True(File.Exists(StatePath));
        Assert.Single(_log.Lines, line => line.Contains("could not be saved", StringComparison.Ordinal));
        await keeper.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_stop_saves_though_its_time_is_up_and_ends_though_saving_fails()
    {
        using var file = StateFile.Open(StatePath, _account);
        using var keeper = Keeper(file);
        await keeper.StartAsync(CancellationToken.None);

        await keeper.StopAsync(new CancellationToken(canceled: true));
        Assert.True(File.Exists(StatePath));

        Directory.CreateDirectory(StatePath + ".new");
        _account.Reset();
        await keeper.StopAsync(CancellationToken.None);
        Assert.Contains(_log.Lines, line => line.Contains("could not be saved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_has_not_changed_is_not_written_again()
    {
        using var file = StateFile.Open(StatePath, _account);
        using var keeper = Keeper(file);
        await keeper.StartAsync(CancellationToken.None);
        await SandboxTest.Until(() => Task.FromResult(File.Exists(StatePath)), "The first round did not save.");

        File.Delete(StatePath);
        await keeper.StopAsync(CancellationToken.None);

        Assert.False(File.Exists(StatePath));
    }

    private StateKeeper Keeper(StateFile file) => new(_account, file, TimeProvider.System, _loggers.CreateLogger<StateKeeper>());

    private Task<bool> HasLogged(string text) =>
        Task.FromResult(_log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)));
}
