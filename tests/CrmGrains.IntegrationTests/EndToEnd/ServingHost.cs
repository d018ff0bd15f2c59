using System.Collections.Concurrent;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A host that serves, with what it logs.</summary>
internal abstract class ServingHost : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = [];

    /// <summary>Where it listens.</summary>
    public string Url { get; protected set; } = "";

    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>Lines that tell of an error that nobody foresaw, or of one that somebody must see to.</summary>
    public IReadOnlyList<string> Errors() =>
        [.. _log.Where(line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal))];

    /// <summary>The end of the log.</summary>
    public string Tail(int lines = 60) => string.Join('\n', _log.TakeLast(lines));

    public abstract ValueTask DisposeAsync();

    protected void Logged(string line) => _log.Enqueue(line);
}
