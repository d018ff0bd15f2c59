using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains reviews</c></summary>
internal static class ReviewsCommand
{
    private static readonly string[] Filters = ["workspace", "reason", "action", "tier", "priority", "assignee", "status", "sort", "after"];

    public static Command Create() => new("reviews", "What waits for a person, and answering it.")
    {
        List(), Show(),
        Answering("approve", "Does what is proposed.", reason: "Why; optional."),
        Edit(),
        Answering("reject", "Doesn't do it.", reason: "Why: it is what is learned from."),
        Answering("resolve", "Notes that an item was settled elsewhere.", text: "What was done."),
        Answering("ask", "Puts a question back to somebody.", text: "The question.", hasAssignee: true),
        Answering("reply", "Replies to what was asked.", text: "The reply."),
        Answering("snooze", "Puts an item away for a while.", hasUntil: true),
        Answering("assign", "Gives an item to a person or a role; to nobody without --to.", hasAssignee: true),
        Answering("escalate", "Makes an item more urgent, and may give it to somebody.", reason: "Why; optional.", hasAssignee: true),
    };

    private static Command List()
    {
        var filters = Filters.Select(name => new Option<string?>($"--{name}") { Description = $"As `{name}` of GET /v1/reviews." }).ToList();
        var limit = new Option<int>("--limit") { Description = "How many; 1 to 500.", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "Items that wait, the most urgent first.") { limit };
        filters.ForEach(command.Add);
        Asks(command, async (host, parsed, isJson, cancellationToken) =>
        {
            var query = string.Concat(filters
                .Where(filter => parsed.GetValue(filter) is not null)
                .Select(filter => $"&{filter.Name.TrimStart('-')}={Uri.EscapeDataString(parsed.GetValue(filter) ?? "")}"));
            var page = await host.GetAsync($"/v1/reviews?limit={parsed.GetValue(limit)}{query}", cancellationToken);
            await Console.Out.WriteLineAsync(isJson ? page.GetRawText() : ReviewText.OfPage(page));
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var id = Id();
        var command = new Command("show", "Shows an item: what is proposed and why, what it rests on, and what each answer does.") { id };
        Asks(command, async (host, parsed, isJson, cancellationToken) =>
        {
            var view = await host.GetAsync($"/v1/reviews/{parsed.GetRequiredValue(id)}", cancellationToken);
            await Console.Out.WriteLineAsync(isJson ? view.GetRawText() : ReviewText.OfView(view));
            return 0;
        });
        return command;
    }

    private static Command Edit()
    {
        var set = new Option<string[]>("--set")
        {
            Description = "path=value; JSON where it is JSON, else a text. For example --set subject=\"Call them\" --set fields.urgency=low. Repeat it.",
            Required = true,
        };
        var reason = new Option<string?>("--reason") { Description = "Why; optional." };
        var command = new Command("edit", "Changes what is proposed, then does it.") { set, reason };
        Answers(command, "edit", (parsed, body) =>
        {
            body["reason"] = parsed.GetValue(reason);
            body["edits"] = EditsOf(parsed.GetRequiredValue(set));
        });
        return command;
    }

    private static Command Answering(
        string verb, string description, string? reason = null, string? text = null, bool hasAssignee = false, bool hasUntil = false)
    {
        var command = new Command(verb, description);
        var why = new Option<string?>("--reason") { Description = reason, Required = verb == "reject" };
        var said = new Option<string?>("--text") { Description = text, Required = true };
        var assignee = new Option<string?>("--to") { Description = "A person or a role." };
        var until = new Option<DateTimeOffset?>("--until") { Description = "When it comes back, for example 2026-01-05T09:00:00Z.", Required = true };
        foreach (var (isWanted, option) in new (bool, Option)[] { (reason is not null, why), (text is not null, said), (hasAssignee, assignee), (hasUntil, until) })
        {
            if (isWanted)
                command.Add(option);
        }

        Answers(command, verb, (parsed, body) =>
        {
            body["reason"] = reason is null ? null : parsed.GetValue(why);
            body["text"] = text is null ? null : parsed.GetValue(said);
            body["assignee"] = hasAssignee ? parsed.GetValue(assignee) : null;
            body["until"] = hasUntil ? parsed.GetValue(until)?.ToUniversalTime().ToString("O") : null;
        });
        return command;
    }

    // fields.urgency=low is one of the fields; everything else is a path of its own.
    internal static JsonObject EditsOf(IEnumerable<string> settings)
    {
        var (edits, fields) = (new JsonObject(), new JsonObject());
        foreach (var setting in settings)
        {
            var (path, value) = setting.Split('=', 2) is [var name, var given] ? (name, given) : throw new HostException($"--set takes path=value, not «{setting}».");
            if (path.StartsWith("fields.", StringComparison.Ordinal))
                fields[path["fields.".Length..]] = ValueOf(value);
            else
                edits[path] = ValueOf(value);
        }

        if (fields.Count > 0)
            edits["fields"] = fields;
        return edits;
    }

    private static JsonNode? ValueOf(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static void Answers(Command command, string verb, Action<ParseResult, JsonObject> fill)
    {
        var id = Id();
        var version = new Option<int>("--seen") { Description = "The version that you saw; `show` names it.", Required = true };
        command.Add(id);
        command.Add(version);
        Asks(command, async (host, parsed, isJson, cancellationToken) =>
        {
            var body = new JsonObject { ["version"] = parsed.GetRequiredValue(version) };
            fill(parsed, body);
            var item = await host.PostAsync(
                $"/v1/reviews/{parsed.GetRequiredValue(id)}/{verb}", JsonSerializer.SerializeToUtf8Bytes(body, TextJson.Default.JsonObject), null, cancellationToken);
            await Console.Out.WriteLineAsync(isJson ? item.GetRawText() : ReviewText.OfItem(item));
            return 0;
        });
    }

    private static Argument<Guid> Id() => new("id") { Description = "The item." };

    private static void Asks(Command command, Func<HostClient, ParseResult, bool, CancellationToken, Task<int>> run)
    {
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var json = new Option<bool>("--json") { Description = "The host's answer as it is." };
        command.Add(json);
        command.Add(url);
        command.Add(key);
        command.Add(data);
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            return await run(host, parsed, parsed.GetValue(json), cancellationToken);
        }));
    }
}
