using System.CommandLine;
using System.Text.Json;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains drift</c></summary>
internal static class DriftCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Open alerts about changed payloads, oldest first.");
        With(list, null, async (host, _, cancellationToken) =>
        {
            var page = await host.GetAsync("/v1/drift?limit=500", cancellationToken);
            foreach (var alert in page.GetProperty("items").EnumerateArray())
                await Console.Out.WriteLineAsync(
                    $"{Text(alert, "id")}  {Text(alert, "first_seen_at")}  {Text(alert, "workspace")}/{Text(alert, "source")}  {Text(alert, "kind")}  {Text(alert, "path")}: {string.Join(", ", alert.GetProperty("seen").EnumerateArray())}; usual is {Text(alert, "usual")}; {Text(alert, "count")} seen, {Text(alert, "held")} held");
            await Console.Out.WriteLineAsync($"{page.GetProperty("items").GetArrayLength()} open alerts.");
            return 0;
        });

        var id = new Argument<Guid>("id");
        var accept = new Command("accept", "Takes a change for usual and releases the deliveries that only it held.") { id };
        With(accept, id, async (host, alert, cancellationToken) =>
        {
            await host.PostAsync($"/v1/drift/{alert}/accept", null, null, cancellationToken);
            await Console.Out.WriteLineAsync($"Alert {alert}: accepted.");
            return 0;
        });
        return new Command("drift", "How the payloads of sources changed.") { list, accept };
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).ToString();

    private static void With(Command command, Argument<Guid>? id, Func<HostClient, Guid, CancellationToken, Task<int>> run)
    {
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        command.Add(url);
        command.Add(key);
        command.Add(data);
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            return await run(host, id is null ? Guid.Empty : parsed.GetRequiredValue(id), cancellationToken);
        }));
    }
}
