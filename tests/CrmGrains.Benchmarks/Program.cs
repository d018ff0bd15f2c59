using System.CommandLine;
using CrmGrains.Benchmarks;
using CrmGrains.Benchmarks.Baselines;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Runs;
using CrmGrains.Benchmarks.Servers;

var seconds = new Option<int>("--seconds") { Description = "How long requests are sent in each run.", DefaultValueFactory = _ => 10 };
var runs = new Option<int>("--runs") { Description = "Runs of each contender; figures are their medians.", DefaultValueFactory = _ => 3 };
var connections = new Option<int>("--connections") { Description = "Requests in flight at most.", DefaultValueFactory = _ => 128 };
var json = new Option<bool>("--json") { Description = "Ends with one JSON object on the last line." };

var only = new Option<Contender[]>("--only") { Description = "Contenders to run; all of them without it.", AllowMultipleArgumentsPerToken = true };

RunOptions Asked(ParseResult parsed) =>
    new(parsed.GetValue(seconds), parsed.GetValue(runs), parsed.GetValue(connections), parsed.GetValue(json));

var throughput = new Command("throughput", "Everybody at full speed: CrmGrains, and two plain handlers that do the same inside the request.")
{
    seconds, runs, connections, json, only,
};
throughput.SetAction((parsed, stop) => Reports.ThroughputAsync(
    parsed.GetValue(only) is { Length: > 0 } named ? named : Enum.GetValues<Contender>(), Asked(parsed), Console.Out, TimeProvider.System, stop));

var perSecond = new Argument<double>("events/s") { Description = "Requests a second." };
var rate = new Command("rate", "CrmGrains at a steady rate.") { perSecond, seconds, runs, connections, json };
rate.SetAction((parsed, stop) => Reports.RateAsync(parsed.GetValue(perSecond), Asked(parsed), Console.Out, TimeProvider.System, stop));

var all = new Command("all", "Everything; writes the tables of the README beside the program's source.") { seconds, runs, connections };
all.SetAction((parsed, stop) => Reports.AllAsync(Asked(parsed), Console.Out, TimeProvider.System, stop));

var kind = new Argument<Contender>("kind");
var port = new Option<int>("--port");
var data = new Option<string>("--data") { Required = true };
var baseline = new Command("baseline-server") { kind, port, data };
baseline.Hidden = true;
baseline.SetAction((parsed, stop) =>
    BaselineServer.RunAsync(parsed.GetValue(kind), parsed.GetValue(port), parsed.GetRequiredValue(data), stop));

if (args is not ["baseline-server", ..])
    Generator.UseOneThread();
return await new RootCommand("Measures CrmGrains over HTTP, on this machine, with fsync on.") { throughput, rate, all, baseline }
    .Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(90) });
