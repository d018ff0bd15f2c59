using System.Globalization;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>
/// The whole host within the test's process, on a port of its own: what <c>serve</c> runs, without starting and compiling a program once more. Its
/// meters are shared with others of the process, and it can't be killed.
/// </summary>
internal sealed class HostWithin : ServingHost
{
    private readonly WebApplication _app;
    private bool _isStopped;

    private HostWithin(ServeOptions options, string connectionString, IReadOnlyDictionary<string, string> environment) =>
        _app = ServerApplication.Build(options, connectionString, builder =>
        {
            builder.Configuration.AddInMemoryCollection(environment
                .Where(setting => setting.Key.StartsWith("CRMGRAINS__", StringComparison.Ordinal))
                .Select(setting => KeyValuePair.Create(setting.Key["CRMGRAINS__".Length..].Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)));
            builder.Services.AddSingleton(provider => new Secrets(provider.GetRequiredService<TimeProvider>(), name => environment.GetValueOrDefault(name)));
            builder.Logging.ClearProviders().AddProvider(new Lines(Logged));
        });

    /// <summary>Starts one, and returns when it listens.</summary>
    public static async Task<HostWithin> StartAsync(
        IReadOnlyDictionary<string, string> environment, string connectionString, string workspaces, string roles)
    {
        var options = new ServeOptions
        {
            Urls = "http://127.0.0.1:0", Postgres = connectionString, Data = ServeOptions.DefaultData, Workspaces = workspaces,
            Roles = Role.Parse(roles) ?? throw new ArgumentException($"There are no roles {roles}.", nameof(roles)),
            ApiKey = environment.GetValueOrDefault("CRMGRAINS_API_KEY"),
        };
        // As it was, whatever the test changes for the next one.
        var host = new HostWithin(options, connectionString, new Dictionary<string, string>(environment));
        try
        {
            // Away from the test's own scheduler, as in a process.
            await Task.Run(() => host.StartAsync(options));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await Task.Run(() => _app.StopAsync());
        await _app.DisposeAsync();
    }

    private async Task StartAsync(ServeOptions options)
    {
        await Server.PrepareAsync(_app.Services, options, _app.Logger, CancellationToken.None);
        await _app.StartAsync();
        Url = _app.Urls.Single();
    }

    private sealed class Lines(Action<string> add) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Line(categoryName, add);

        public void Dispose()
        {
        }
    }

    // As the console has them.
    private sealed class Line(string category, Action<string> add) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var level = logLevel switch { LogLevel.Critical => "crit", LogLevel.Error => "fail", LogLevel.Warning => "warn", _ => "info" };
            add(string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetUtcNow():O} {level}: {category}[{eventId.Id}] {formatter(state, exception)} {exception}").ReplaceLineEndings(" "));
        }
    }
}
