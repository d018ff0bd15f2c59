using System.CommandLine;
using System.Text.Json;
using CrmGrains.Host.Tracing;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains why</c></summary>
internal static class WhyCommand
{
    public static Command Create()
    {
        var id = new Argument<Guid>("event_id") { Description = "The id that the sender was answered with." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var command = new Command("why", "Says why an event was decided on as it was, and what would have changed it.") { id, json, url, key, data };
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var answer = await host.GetAsync($"/v1/events/{parsed.GetRequiredValue(id)}/why", cancellationToken);
            await Console.Out.WriteAsync(parsed.GetValue(json) ? answer.GetRawText() + "\n" : Text(answer));
            return 0;
        }));
        return command;
    }

    private static string Text(JsonElement answer) => answer.Deserialize(WhyJson.Default.WhyAnswer) is { } why ? WhyText.Of(why) : "";
}
