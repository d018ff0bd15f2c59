using System.CommandLine;
using CrmGrains.Benchmarks;
using CrmGrains.Benchmarks.Baselines;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Servers;

var asked = new Asked();
var root = new RootCommand("Measures CrmGrains over HTTP, on this machine, with fsync on.");

Command Benchmark(string name, string description, IReadOnlyList<Option> options, Func<Reports, CancellationToken, Task> run)
{
    var command = new Command(name, description);
    foreach (var option in options)
        command.Options.Add(option);
    command.SetAction((parsed, stop) => run(new Reports(asked.Of(parsed), Console.Out, TimeProvider.System), stop));
    root.Subcommands.Add(command);
    return command;
}

Benchmark("throughput", "Everybody at full speed: CrmGrains, and plain handlers that do the same inside the request.", asked.OfThroughput,
    (reports, stop) => reports.ThroughputAsync(stop));
Benchmark("hot-key", "Half of all events on one customer, beside uniform ones.", asked.Common, (reports, stop) => reports.HotKeyAsync(stop));
Benchmark("many-keys", "A million customers, beside 2,000.", asked.OfManyKeys, (reports, stop) => reports.ManyKeysAsync(stop));
Benchmark("backlog", "A backlog drains while live events come in.", asked.OfBacklog, (reports, stop) => reports.BacklogAsync(stop));
Benchmark("silos", "1, 2 and 4 silos beside one gateway; and one that joins, is killed, is frozen.", asked.Common,
    (reports, stop) => reports.SilosAsync(stop));
Benchmark("held-snapshot", "Full speed while another session holds a transaction open.", asked.OfHeldSnapshot,
    (reports, stop) => reports.HeldSnapshotAsync(stop));
Benchmark("size", "Bytes of PostgreSQL for each event, and what each is for.", asked.Common, (reports, stop) => reports.SizeAsync(stop));
Benchmark("normalizers", "What it costs to make events of each format's deliveries.", asked.Common,
    (reports, stop) => reports.NormalizersAsync(stop));
Benchmark("decisions", "What it costs to decide on a lead by 200 rules, with the trace.", asked.Common,
    (reports, stop) => reports.DecisionsAsync(stop));
Benchmark("steps", "What the host computes for one event, step by step.", asked.Common, (reports, stop) => reports.StepsAsync(stop));
Benchmark("idle", "What a host costs that has nothing to do.", asked.Common, (reports, stop) => reports.IdleAsync(stop));
Benchmark("all", "Everything; writes the tables of the README beside the program's source.", asked.OfAll, (reports, stop) => reports.AllAsync(stop));

var perSecond = new Argument<double>("events/s") { Description = "Requests a second." };
var rate = new Command("rate", "CrmGrains at a steady rate.") { perSecond };
foreach (var option in asked.Common)
    rate.Options.Add(option);
rate.SetAction((parsed, stop) =>
    new Reports(asked.Of(parsed), Console.Out, TimeProvider.System).RateAsync(parsed.GetValue(perSecond), stop));
root.Subcommands.Add(rate);

var kind = new Argument<Contender>("kind");
var port = new Option<int>("--port");
var data = new Option<string>("--data") { Required = true };
var baseline = new Command("baseline-server") { kind, port, data };
baseline.Hidden = true;
baseline.SetAction((parsed, stop) =>
    BaselineServer.RunAsync(parsed.GetValue(kind), parsed.GetValue(port), parsed.GetRequiredValue(data), stop));
root.Subcommands.Add(baseline);

if (args is not ["baseline-server", ..])
    Generator.UseOneThread();
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(90) });
