using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains replay</c></summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var workspace = new Option<string?>("--workspace") { Description = "The workspace; needed where there are several." };
        var eventId = new Option<Guid?>("--event") { Description = "One event, by its id." };
        var source = new Option<string?>("--source") { Description = "Deliveries of one source." };
        var type = new Option<string?>("--type") { Description = "Events of one type, for example lead.submitted." };
        var outcome = new Option<string?>("--outcome") { Description = "What came to this outcome last, for example rejected, ignored, review or route." };
        var customer = new Option<string?>("--customer") { Description = "Events of one customer, by its key." };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Received then or later." };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Received before." };
        var go = new Option<bool>("--go", "--yes") { Description = "Starts it after the preview." };
        var command = new Command("replay", "Reads deliveries once more under the configuration of now. Without --go it only shows what would change.")
        {
            workspace, eventId, source, type, outcome, customer, from, to, go,
            List(), One("show", "Shows a replay and how far it is.", null),
            One("start", "Starts a replay that was previewed.", "start"), One("cancel", "Ends a replay; what was sent is still handled.", "cancel"),
        };
        Asks(command, async (host, parsed, cancellationToken) =>
        {
            var request = new JsonObject
            {
                ["workspace"] = parsed.GetValue(workspace),
                ["event"] = parsed.GetValue(eventId)?.ToString(),
                ["source"] = parsed.GetValue(source),
                ["type"] = parsed.GetValue(type),
                ["outcome"] = parsed.GetValue(outcome),
                ["customer"] = parsed.GetValue(customer),
                ["from"] = parsed.GetValue(from)?.ToString("O"),
                ["to"] = parsed.GetValue(to)?.ToString("O"),
            };
            var replay = await host.PostAsync("/v1/replays", JsonSerializer.SerializeToUtf8Bytes(request, TextJson.Default.JsonObject), null, cancellationToken);
            await Console.Out.WriteLineAsync(ReplayText.OfPreview(replay.GetProperty("preview")));
            var id = replay.GetProperty("id").GetInt64();
            if (!parsed.GetValue(go))
            {
                await Console.Out.WriteLineAsync($"Nothing was done. To go on: crmgrains replay start {id}");
                return 0;
            }

            await Console.Out.WriteLineAsync(ReplayText.Of(await host.PostAsync($"/v1/replays/{id}/start", null, null, cancellationToken)));
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Replays, newest first.");
        Asks(command, async (host, _, cancellationToken) =>
        {
            foreach (var replay in (await host.GetAsync("/v1/replays", cancellationToken)).GetProperty("items").EnumerateArray())
                await Console.Out.WriteLineAsync(ReplayText.Of(replay));
            return 0;
        });
        return command;
    }

    private static Command One(string name, string description, string? verb)
    {
        var id = new Argument<long>("id") { Description = "The replay's number." };
        var command = new Command(name, description) { id };
        Asks(command, async (host, parsed, cancellationToken) =>
        {
            var path = $"/v1/replays/{parsed.GetRequiredValue(id)}";
            var replay = verb is null
                ? await host.GetAsync(path, cancellationToken)
                : await host.PostAsync($"{path}/{verb}", null, null, cancellationToken);
            if (verb is null)
                await Console.Out.WriteLineAsync(ReplayText.OfPreview(replay.GetProperty("preview")));
            await Console.Out.WriteLineAsync(ReplayText.Of(replay));
            return 0;
        });
        return command;
    }

    private static void Asks(Command command, Func<HostClient, ParseResult, CancellationToken, Task<int>> run)
    {
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        command.Add(url);
        command.Add(key);
        command.Add(data);
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            return await run(host, parsed, cancellationToken);
        }));
    }
}
