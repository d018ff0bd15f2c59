using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains undo</c> and <c>crmgrains actions</c></summary>
internal static class UndoCommand
{
    public static Command Create()
    {
        var action = new Argument<long?>("action") { Description = "One action, by its id.", Arity = ArgumentArity.ZeroOrOne };
        var which = new WhichActions();
        var go = new Option<bool>("--go", "--yes") { Description = "Approves the plan after showing it." };
        var command = new Command("undo", "Takes back what the system did. Without --yes it only shows what would happen.") { action, go };
        which.AddTo(command);
        Asks(command, async (host, parsed, cancellationToken) =>
        {
            var undo = parsed.GetValue(action) is { } id
                ? await host.PostAsync($"/v1/actions/{id}/undo", null, null, cancellationToken)
                : await host.PostAsync("/v1/undo", JsonSerializer.SerializeToUtf8Bytes(which.Request(parsed), TextJson.Default.JsonObject), null, cancellationToken);
            await Console.Out.WriteLineAsync(Text(undo));
            var plan = undo.GetProperty("id").GetString();
            if (!parsed.GetValue(go))
            {
                await Console.Out.WriteLineAsync($"Nothing was done. To go on: approve it, crmgrains undo approve {plan}");
                return 0;
            }

            await host.PostAsync($"/v1/undo/{plan}/approve", null, null, cancellationToken);
            await Console.Out.WriteLineAsync($"Approved. To see how far it is: crmgrains undo show {plan}");
            return 0;
        });
        command.Add(One("show", "Shows a plan and how far it is.", null));
        command.Add(One("approve", "Carries a plan out.", "approve"));
        command.Add(One("reject", "Ends a plan; nothing is taken back.", "reject"));
        return command;
    }

    public static Command CreateActions()
    {
        var which = new WhichActions();
        var list = new Command("list", "What the system did or is about to do, newest first; a hundred at most.");
        which.AddTo(list);
        Asks(list, async (host, parsed, cancellationToken) =>
        {
            var query = string.Concat(which.Request(parsed).Select(pair =>
                pair.Value is null ? "" : $"&{(pair.Key == "configuration" ? "rule_version" : pair.Key)}={Uri.EscapeDataString(pair.Value.ToString())}"));
            foreach (var item in (await host.GetAsync($"/v1/actions?limit=100{query}", cancellationToken)).GetProperty("items").EnumerateArray())
                await Console.Out.WriteLineAsync(
                    $"{item.GetProperty("id"),8}  {item.GetProperty("created_at")}  {item.GetProperty("object")} {item.GetProperty("operation")}: {item.GetProperty("state")}{Optional(item, "action")}{(item.TryGetProperty("reverted_at", out _) ? ", taken back" : item.GetProperty("is_reversible").GetBoolean() ? "" : ", not reversible")}{Optional(item, "event_id")}");
            return 0;
        });
        return new Command("actions", "What the system did.") { list };
    }

    private static Command One(string name, string description, string? verb)
    {
        var id = new Argument<Guid>("id") { Description = "The plan's id." };
        var command = new Command(name, description) { id };
        Asks(command, async (host, parsed, cancellationToken) =>
        {
            var path = $"/v1/undo/{parsed.GetRequiredValue(id)}";
            await Console.Out.WriteLineAsync(Text(verb is null
                ? await host.GetAsync(path, cancellationToken)
                : await host.PostAsync($"{path}/{verb}", null, null, cancellationToken)));
            return 0;
        });
        return command;
    }

    private static string Text(JsonElement undo)
    {
        var steps = undo.GetProperty("steps").EnumerateArray().Select(step =>
            $"{step.GetProperty("number"),5}  {step.GetProperty("class"),-15}  {Part(step, "object")} {Part(step, "operation")} (action {step.GetProperty("command")})"
            + $"{(step.TryGetProperty("reverted_at", out var at) ? $", taken back at {at}" : "")}: {step.GetProperty("reason")}");
        var classes = string.Join(", ", undo.GetProperty("classes").EnumerateObject().Select(one => $"{one.Value} {one.Name}"));
        var more = undo.GetProperty("has_more").GetBoolean() ? " There is more than this: ask again once it is done." : "";
        return $"{string.Join('\n', steps)}\nUndo {undo.GetProperty("id")} is {undo.GetProperty("state")}: {classes}.{more}";
    }

    private static string Part(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.ToString() : "?";

    private static string Optional(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? $", {value}" : "";

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

    /// <summary>The options that say which actions are meant.</summary>
    private sealed class WhichActions
    {
        private readonly Option<string?> _workspace = new("--workspace") { Description = "The workspace; needed where there are several." };
        private readonly Option<Guid?> _event = new("--event") { Description = "What was done for one event." };
        private readonly Option<string?> _customer = new("--customer") { Description = "What was done for one customer, by its key." };
        private readonly Option<string?> _configuration = new("--configuration") { Description = "What was asked for under one configuration, by its hash." };
        private readonly Option<DateTimeOffset?> _from = new("--from") { Description = "Asked for then or later." };
        private readonly Option<DateTimeOffset?> _to = new("--to") { Description = "Asked for before." };
        private readonly Option<string?> _action = new("--action") { Description = "A kind of record (note), or what is done to it (create_call_back)." };

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_workspace, _event, _customer, _configuration, _from, _to, _action])
                command.Add(option);
        }

        public JsonObject Request(ParseResult parsed) => new()
        {
            ["workspace"] = parsed.GetValue(_workspace),
            ["event"] = parsed.GetValue(_event)?.ToString(),
            ["customer"] = parsed.GetValue(_customer),
            ["configuration"] = parsed.GetValue(_configuration),
            ["from"] = parsed.GetValue(_from)?.ToString("O"),
            ["to"] = parsed.GetValue(_to)?.ToString("O"),
            ["action"] = parsed.GetValue(_action),
        };
    }
}
