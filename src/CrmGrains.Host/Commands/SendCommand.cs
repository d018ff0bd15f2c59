using System.CommandLine;
using CrmGrains.Host.Samples;
using CrmGrains.Host.Serving;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains send</c></summary>
internal static class SendCommand
{
    private const string Every = "all";

    public static Command Create()
    {
        var sample = new Option<string?>("--sample")
        {
            Description = $"<source>/<event>, or all of them with `{Every}`, or one of {string.Join(", ", Sample.All.Select(one => one.Name))}.",
        };
        var source = new Option<string?>("--source") { Description = "The source that the file is sent as." };
        var file = new Option<FileInfo?>("--file") { Description = "The body; sent byte for byte." };
        var id = new Option<string?>("--delivery-id") { Description = "What the delivery is called; a new id each time by default." };
        var json = new Option<bool>("--json") { Description = "One object a line, with what became of it." };
        var workspace = new Option<string>("--workspace") { DefaultValueFactory = _ => "demo" };
        var workspaces = new Option<string>("--workspaces") { DefaultValueFactory = _ => ServeOptions.DefaultWorkspaces };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var command = new Command("send", "Sends a sample, or a file, to a running host: signed as its source would sign it.")
        {
            sample, source, file, id, json, workspace, workspaces, url, key, data,
        };
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var sender = new SignedSender(
                host, SignedSender.Load(parsed.GetRequiredValue(workspaces), parsed.GetRequiredValue(workspace)), parsed.GetRequiredValue(data));
            var deliveries = Deliveries(sender, parsed.GetValue(sample), parsed.GetValue(source), parsed.GetValue(file));
            if (parsed.GetValue(json) || deliveries.Count > 1)
                return await new SampleRun(host, sender, parsed.GetValue(json)).RunAsync(deliveries, cancellationToken);
            var (eventId, isDuplicate) = await sender.SendAsync(
                deliveries[0].Source, deliveries[0].Body, deliveries[0].Headers, parsed.GetValue(id) ?? SampleRun.NewId(), cancellationToken);
            await Console.Out.WriteLineAsync($"{eventId}{(isDuplicate ? " (was there before)" : "")}");
            return 0;
        }));
        return command;
    }

    private static List<SampleDelivery> Deliveries(SignedSender sender, string? sample, string? source, FileInfo? file)
    {
        if (sample is null)
            return source is not null && file is { Exists: true }
                ? [new SampleDelivery(source, file.Name, File.ReadAllBytes(file.FullName), new Dictionary<string, string>())]
                : throw new HostException("Name a sample with --sample, or a source and an existing file with --source and --file.");
        if (Sample.All.FirstOrDefault(one => one.Name == sample) is { } known)
            return [new SampleDelivery(known.Source, known.Name, known.Body(), known.Delivery.Headers())];

        var all = sender.Workspace.Sources.Values
            .SelectMany(one => FormatSample.Of(SourceFormats.For(one.Format).Name), (one, delivery) => (one.Name, Delivery: delivery))
            .Where(one => sample == Every || sample == $"{one.Name}/{one.Delivery.Event}")
            .Select(one => new SampleDelivery(one.Name, one.Delivery.Event, one.Delivery.Body(), one.Delivery.Headers()))
            .ToList();
        if (all.Count > 0)
            return all;
        var names = sender.Workspace.Sources.Values
            .SelectMany(one => FormatSample.Of(one.Format), (one, delivery) => $"{one.Name}/{delivery.Event}");
        throw new HostException($"There is no sample {sample}. The sources of workspace {sender.Workspace.Name} have {string.Join(", ", names)}.");
    }
}
