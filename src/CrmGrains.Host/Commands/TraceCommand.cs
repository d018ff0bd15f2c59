using System.CommandLine;
using System.Text.Json;
using CrmGrains.Host.Tracing;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains trace</c></summary>
internal static class TraceCommand
{
    public static Command Create()
    {
        var id = new Argument<Guid>("event_id") { Description = "The id that the sender was answered with." };
        var json = new Option<bool>("--json") { Description = "The whole trace as JSON." };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var command = new Command("trace", "Shows what became of an event: from its bytes to the CRM, and why.") { id, json, url, key, data };
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var answer = await host.GetAsync($"/v1/events/{parsed.GetRequiredValue(id)}", cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? answer.GetRawText() : Text(answer));
            return 0;
        }));
        return command;
    }

    internal static string Text(JsonElement answer) =>
        answer.Deserialize(TraceJson.Default.EventTrace) is { } trace ? TraceText.Of(trace) : "";
}

/// <summary>Commands that ask a running host.</summary>
internal static class Asking
{
    /// <summary>Runs it; a host that can't be asked is one clear line and exit code 1.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HostException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
