using System.CommandLine;
using CrmGrains.Benchmarks.Runs;
using CrmGrains.Benchmarks.Servers;

namespace CrmGrains.Benchmarks;

/// <summary>The options of the command line.</summary>
internal sealed class Asked
{
    private readonly Option<int> _seconds = new("--seconds")
    {
        Description = "How long requests are sent in each run.", DefaultValueFactory = _ => 10,
    };

    private readonly Option<int> _runs = new("--runs") { Description = "Runs of each; figures are their medians.", DefaultValueFactory = _ => 3 };

    private readonly Option<int> _connections = new("--connections") { Description = "Requests in flight at most.", DefaultValueFactory = _ => 128 };

    private readonly Option<bool> _json = new("--json") { Description = "Ends with one JSON object on the last line." };

    private readonly Option<Contender[]> _only = new("--only")
    {
        Description = "Contenders to run; all of them without it.", AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _keys = new("--keys") { Description = "Customers.", DefaultValueFactory = _ => 1_000_000 };

    private readonly Option<int> _events = new("--events") { Description = "Events that wait.", DefaultValueFactory = _ => 200_000 };

    private readonly Option<double> _minutes = new("--minutes") { Description = "Length of each variant.", DefaultValueFactory = _ => 2 };

    private readonly Option<string> _hold = new("--hold")
    {
        Description = "What is held: snapshot, writer or both.", DefaultValueFactory = _ => "both",
    };

    private readonly Option<bool> _quick = new("--quick") { Description = "A trial: little of everything." };

    public Asked() => _hold.AcceptOnlyFromAmong("snapshot", "writer", "both");

    public IReadOnlyList<Option> Common => [_seconds, _runs, _connections, _json, _quick];

    public IReadOnlyList<Option> OfThroughput => [.. Common, _only];

    public IReadOnlyList<Option> OfManyKeys => [.. Common, _keys];

    public IReadOnlyList<Option> OfBacklog => [.. Common, _events];

    public IReadOnlyList<Option> OfHeldSnapshot => [.. Common, _minutes, _hold];

    public IReadOnlyList<Option> OfAll => [.. Common, _keys, _events, _minutes, _hold];

    /// <summary>What they say.</summary>
    public RunOptions Of(ParseResult parsed)
    {
        var options = new RunOptions
        {
            Seconds = parsed.GetValue(_seconds),
            Runs = parsed.GetValue(_runs),
            Connections = parsed.GetValue(_connections),
            IsJson = parsed.GetValue(_json),
            Only = parsed.GetValue(_only) ?? [],
            Keys = Given(parsed, _keys, 1_000_000),
            Events = Given(parsed, _events, 200_000),
            Minutes = Given(parsed, _minutes, 2.0),
            Holds = parsed.GetValue(_hold) switch
            {
                "snapshot" => [Hold.Snapshot],
                "writer" => [Hold.Writer],
                _ => [Hold.Snapshot, Hold.Writer],
            },
        };
        return parsed.GetValue(_quick) ? options.ForATrial() : options;
    }

    // A command without the option has its default all the same.
    private static T Given<T>(ParseResult parsed, Option<T> option, T otherwise) =>
        parsed.GetResult(option) is null ? otherwise : parsed.GetValue(option) ?? otherwise;
}
