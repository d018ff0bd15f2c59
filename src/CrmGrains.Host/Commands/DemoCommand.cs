using System.CommandLine;
using System.Text.Json;
using CrmGrains.Host.Samples;
using CrmGrains.Host.Serving;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains demo</c>: the main job, shown on a running host and a sandbox.</summary>
internal static class DemoCommand
{
    private const string DefaultSandbox = "http://127.0.0.1:8090";
    private const int LeadDeliveries = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var workspaces = new Option<string>("--workspaces")
        {
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CRMGRAINS_WORKSPACES") ?? ServeOptions.DefaultWorkspaces,
        };
        var sandbox = new Option<string?>("--sandbox") { Description = "Where the sandbox is (or CRMGRAINS_SANDBOX_URL, or what demo.env says)." };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var command = new Command("demo", "Sends the samples to a running host, waits until they are done, checks the CRM and shows what happened.")
        {
            workspaces, sandbox, url, key, data,
        };
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            var folder = parsed.GetRequiredValue(data);
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), folder);
            var crm = parsed.GetValue(sandbox) ?? Environment.GetEnvironmentVariable("CRMGRAINS_SANDBOX_URL")
                ?? DemoEnvironment.Read(folder).GetValueOrDefault("CRMGRAINS_SANDBOX_URL") ?? DefaultSandbox;
            var sender = new SignedSender(host, SignedSender.Load(parsed.GetRequiredValue(workspaces), "demo"), folder);
            return await RunAsync(host, sender, crm, cancellationToken);
        }));
        return command;
    }

    private static async Task<int> RunAsync(HostClient host, SignedSender sender, string sandbox, CancellationToken cancellationToken)
    {
        var (leads, others) = await SendAsync(sender, cancellationToken);
        var traces = await WaitAsync(host, [.. leads.Concat(others).Distinct()], cancellationToken);

        // Of deliveries that are sent at once any may be the first; it is the event that the others repeat.
        var trace = traces.Find(one => leads.Contains(one.GetProperty("event_id").GetGuid()) && one.GetProperty("status").GetString() != "duplicate");
        if (trace.ValueKind != JsonValueKind.Object)
            throw new HostException("Every delivery of the lead repeats another one.");
        var lead = trace.GetProperty("event_id").GetGuid();
        await Console.Out.WriteLineAsync();
        await Console.Out.WriteLineAsync(TraceCommand.Text(trace));
        await Console.Out.WriteLineAsync("All events");
        foreach (var group in traces.GroupBy(one => (Source: one.GetProperty("raw").GetProperty("source").GetString(), Status: one.GetProperty("status").GetString())))
            await Console.Out.WriteLineAsync($"  {group.Key.Source,-12} {group.Key.Status,-12} {group.Count(),4}");

        using var crm = HostClient.Create(sandbox, apiKey: null, data: "");
        var faults = await DemoCheck.RunAsync(crm, traces, lead, cancellationToken);
        await Console.Out.WriteLineAsync();
        foreach (var fault in faults)
            await Console.Out.WriteLineAsync($"NOT as it should be: {fault}");
        await Console.Out.WriteLineAsync(faults.Count == 0
            ? $"As it should be: {LeadDeliveries} deliveries of one lead made one contact, one company, one deal, one note; the paid invoice made one onboarding task; the invalid lead waits for a person."
            : $"{faults.Count} things are not as they should be.");
        return faults.Count == 0 ? 0 : 1;
    }

    private static async Task<(HashSet<Guid> Leads, List<Guid> Others)> SendAsync(SignedSender sender, CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync($"Sending the sample lead {LeadDeliveries} times at once, then {Sample.All.Count - 1} other events.");
        var body = Sample.Lead.Body();
        var leads = await Task.WhenAll(Enumerable.Range(0, LeadDeliveries).Select(number =>
            sender.SendAsync(Sample.Lead.Source, body, number == 0 ? Sample.Lead.DeliveryId : $"{Sample.Lead.DeliveryId}_{number}", cancellationToken)));
        var others = new List<Guid>();
        foreach (var sample in Sample.All.Where(one => one != Sample.Lead))
            others.Add((await sender.SendAsync(sample.Source, sample.Body(), sample.DeliveryId, cancellationToken)).EventId);
        return ([.. leads.Select(sent => sent.EventId)], others);
    }

    private static async Task<List<JsonElement>> WaitAsync(HostClient host, List<Guid> events, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var done = new Dictionary<Guid, JsonElement>();
        var shown = -1;
        while (true)
        {
            foreach (var id in events.Where(id => !done.ContainsKey(id)).ToList())
            {
                var trace = await host.GetAsync($"/v1/events/{id}", cancellationToken);
                if (trace.GetProperty("status").GetString() is not ("received" or "in_progress"))
                    done[id] = trace;
            }

            if (shown != done.Count)
                await Console.Out.WriteLineAsync($"  {shown = done.Count} of {events.Count} events are done, {time.GetElapsedTime(began).TotalSeconds:0.0} s");
            if (done.Count == events.Count)
                return [.. events.Select(id => done[id])];

            if (time.GetElapsedTime(began) > Patience)
            {
                var open = events.First(id => !done.ContainsKey(id));
                throw new HostException($"{events.Count - done.Count} events aren't done after {Patience.TotalSeconds:0} s. Look at one: crmgrains trace {open}");
            }

            await Task.Delay(Look, time, cancellationToken);
        }
    }
}
