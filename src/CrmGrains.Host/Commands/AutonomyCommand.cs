using System.CommandLine;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains autonomy</c></summary>
internal static class AutonomyCommand
{
    public static Command Create()
    {
        var command = new Command("autonomy", "Which kinds of actions go without a person, and what speaks for it.")
        {
            Saying("grant", "Signs what the system proposed: the action goes without a person."),
            Saying("decline", "Says no to what the system proposed."),
            Saying("revoke", "Ends it: the action needs a person again."),
        };
        With(command, null, async (host, _, query, cancellationToken) =>
        {
            foreach (var item in (await host.GetAsync($"/v1/autonomy{query}", cancellationToken)).GetProperty("items").EnumerateArray())
            {
                var state = item.GetProperty("is_granted").GetBoolean() ? $"goes without a person, signed by {item.GetProperty("granted_by")}"
                    : item.GetProperty("is_proposed").GetBoolean() ? "is proposed to go without a person"
                    : "needs a person";
                await Console.Out.WriteLineAsync(
                    $"{item.GetProperty("action").GetString(),-16}  {item.GetProperty("tier").GetString(),-6}  {item.GetProperty("accepted")} of {item.GetProperty("decided")} accepted, at least {item.GetProperty("lower_bound").GetDouble():P1}; {state}");
            }

            return 0;
        });
        return command;
    }

    private static Command Saying(string verb, string description)
    {
        var action = new Argument<string>("action") { Description = "The kind of action, for example update_contact." };
        var command = new Command(verb, description) { action };
        With(command, action, async (host, name, query, cancellationToken) =>
        {
            await host.PostAsync($"/v1/autonomy/{Uri.EscapeDataString(name)}/{verb}{query}", null, null, cancellationToken);
            await Console.Out.WriteLineAsync($"{name}: {verb} done.");
            return 0;
        });
        return command;
    }

    private static void With(Command command, Argument<string>? action, Func<HostClient, string, string, CancellationToken, Task<int>> run)
    {
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var workspace = new Option<string?>("--workspace") { Description = "The workspace; needed where there are several." };
        command.Add(url);
        command.Add(key);
        command.Add(data);
        command.Add(workspace);
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var query = parsed.GetValue(workspace) is { } name ? $"?workspace={Uri.EscapeDataString(name)}" : "";
            return await run(host, action is null ? "" : parsed.GetRequiredValue(action), query, cancellationToken);
        }));
    }
}
