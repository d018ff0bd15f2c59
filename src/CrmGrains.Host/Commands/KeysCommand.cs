using System.CommandLine;
using System.Text.Json;
using CrmGrains.Host.Access;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains keys</c></summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Who may call the API.") { New(), List(), Revoke() };

    private static Command New()
    {
        var name = new Option<string>("--name") { Description = "Who has it.", Required = true };
        var role = new Option<string?>("--role") { Description = $"What it may do: {string.Join(", ", Role.All)}." };
        var scopes = new Option<string[]>("--scope") { Description = $"Instead of a role, once for each: {string.Join(", ", Scope.All)}." };
        var workspace = new Option<string?>("--workspace") { Description = "The only workspace that there is for it; left out: all." };
        var command = new Command("create", "Makes a key and prints it, this once.") { name, role, scopes, workspace };
        return With(command, async (host, parsed, cancellationToken) =>
        {
            var request = new ApiKeyRequest(
                parsed.GetRequiredValue(name), parsed.GetValue(role), parsed.GetValue(scopes) is { Length: > 0 } named ? named : null, parsed.GetValue(workspace));
            var made = await host.PostAsync("/v1/keys", JsonSerializer.SerializeToUtf8Bytes(request, ApiKeyJson.Default.ApiKeyRequest), null, cancellationToken);
            await Console.Error.WriteLineAsync($"Key {made.GetProperty("id").GetString()}: keep it, it isn't shown again.");
            await Console.Out.WriteLineAsync(made.GetProperty("key").GetString());
        });
    }

    private static Command List() => With(new Command("list", "Keys, oldest first, those that were revoked too."), async (host, _, cancellationToken) =>
    {
        var after = "";
        while (true)
        {
            var page = (await host.GetAsync($"/v1/keys?limit=500{after}", cancellationToken)).Deserialize(ApiKeyJson.Default.ApiKeyPage);
            if (page is not { Items.Count: > 0 })
                return;
            foreach (var key in page.Items)
                await Console.Out.WriteLineAsync(
                    $"{key.Id}  {(key.Prefix.Length == 0 ? "" : $"{key.Prefix}…"),-10}  {key.Name}  {key.Role ?? string.Join(' ', key.Scopes)}  {key.Workspace ?? "(all workspaces)"}  {(key.RevokedAt is { } at ? $"revoked {at:u}" : key.LastUsedAt is { } used ? $"used {used:u}" : "never used")}");
            after = $"&after={page.Items[^1].Id}";
        }
    });

    private static Command Revoke()
    {
        var id = new Argument<Guid>("id") { Description = "As list shows it." };
        return With(new Command("revoke", "Revokes a key.") { id }, async (host, parsed, cancellationToken) =>
        {
            await host.PostAsync($"/v1/keys/{parsed.GetRequiredValue(id)}/revoke", null, null, cancellationToken);
            await Console.Out.WriteLineAsync($"Key {parsed.GetRequiredValue(id)}: revoked.");
        });
    }

    private static Command With(Command command, Func<HostClient, ParseResult, CancellationToken, Task> run)
    {
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        command.Add(url);
        command.Add(key);
        command.Add(data);
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            await run(host, parsed, cancellationToken);
            return 0;
        }));
        return command;
    }
}
