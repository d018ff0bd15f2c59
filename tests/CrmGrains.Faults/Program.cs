using System.CommandLine;
using CrmGrains.Faults;
using CrmGrains.Faults.Cluster;
using CrmGrains.Faults.Kinds;
using CrmGrains.Faults.Versions;
using CrmGrains.Simulation;

var seconds = new Option<int>("--seconds") { Description = "How long faults strike.", DefaultValueFactory = _ => 60 };
var seed = new Option<int>("--seed")
{
    Description = "Decides which faults strike when, and what is sent. A run repeats its plan, not its interleaving.",
    DefaultValueFactory = _ => 1,
};
var rate = new Option<double>("--rate") { Description = "Deliveries a second.", DefaultValueFactory = _ => 40 };
var faults = new Option<string?>("--faults")
{
    Description = $"Kinds of faults, separated by commas; all of them without it. "
        + $"{string.Join("; ", FaultKinds.All.Select(kind => $"{kind.Name}: {kind.Description}"))}.",
};
faults.Validators.Add(result =>
{
    if (result.GetValueOrDefault<string?>() is { } names && FaultKinds.Parse(names) is null)
        result.AddError($"--faults takes a list of {string.Join(", ", FaultKinds.All.Select(kind => kind.Name))}.");
});
var postgres = new Option<string?>("--postgres")
{
    Description = "Connects to an empty database of somebody's own; then without the faults of a server.",
};
var json = new Option<bool>("--json") { Description = "Ends with one JSON object on the last line." };

var run = new RootCommand("Runs a cluster of processes under random faults, and checks what it left. Exit code 1 if anything is violated.")
{
    seconds, seed, rate, faults, postgres, json,
};
run.SetAction(async (parsed, stop) =>
{
    try
    {
        var report = await FaultRun.RunAsync(
            new RunOptions
            {
                Seconds = parsed.GetValue(seconds), Seed = parsed.GetValue(seed), Rate = parsed.GetValue(rate),
                Postgres = parsed.GetValue(postgres),
                Kinds = FaultKinds.Parse(parsed.GetValue(faults) ?? "") ?? FaultKinds.All,
            },
            Console.Error, stop);
        await (parsed.GetValue(json) ? Console.Error : Console.Out).WriteLineAsync(report.ToString());
        if (parsed.GetValue(json))
            await Console.Out.WriteLineAsync(report.ToJson());
        return report.IsClean ? 0 : 1;
    }
    catch (ClusterException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 2;
    }
});

var to = new Option<string>("--to") { Description = "The file to write.", Required = true };
var previous = new Command(
    "previous-statements", "Writes down every statement that the version before the newest migration runs under traffic.") { to };
previous.SetAction(async (parsed, stop) =>
{
    try
    {
        var file = await StatementRecording.RecordAsync(Console.Error, stop);
        await file.WriteAsync(parsed.GetRequiredValue(to), stop);
        await Console.Error.WriteLineAsync($"{file.Statements.Count} statements of {file.Commit}.");
        return 0;
    }
    catch (ClusterException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 2;
    }
});
run.Add(previous);
run.Add(SimulateCommand.Create());
return await run.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(90) });
