using System.CommandLine;
using System.Text;
using System.Text.Json;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Serving;
using CrmGrains.Host.Tracing;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains explain</c></summary>
internal static class ExplainCommand
{
    private const int MaxBodyBytes = 1024 * 1024;

    public static Command Create()
    {
        var source = new Option<string>("--source") { Description = "The source that the body is read as.", Required = true };
        var file = new Option<FileInfo>("--file") { Description = "The body, as the sender sends it.", Required = true };
        var workspace = new Option<string>("--workspace") { DefaultValueFactory = _ => "demo" };
        var workspaces = new Option<string>("--workspaces") { DefaultValueFactory = _ => ServeOptions.DefaultWorkspaces };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new Command("explain", "Shows which path of a body becomes which field of the contract; needs the workspace file and no host.")
        {
            source, file, workspace, workspaces, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.Combine(parsed.GetRequiredValue(workspaces), $"{parsed.GetRequiredValue(workspace)}.yaml");
            var body = parsed.GetRequiredValue(file);
            if (!File.Exists(path) || !body.Exists || body.Length > MaxBodyBytes)
                return await FailedAsync($"{(File.Exists(path) ? $"{body}: there is no such file, or it is larger than {MaxBodyBytes} bytes" : $"{path}: there is no such file")}.");
            var read = WorkspaceFile.Parse(path, await File.ReadAllTextAsync(path, cancellationToken));
            if (!read.IsValid)
                return await FailedAsync(string.Join('\n', read.Faults));
            if (!read.Configuration.Sources.TryGetValue(parsed.GetRequiredValue(source), out var configured))
                return await FailedAsync($"{path}: there is no such source. There are {string.Join(", ", read.Configuration.Sources.Keys)}.");

            var explanation = Explanation.Of(
                Guid.Empty, TimeProvider.System.GetUtcNow(), await File.ReadAllBytesAsync(body.FullName, cancellationToken), configured, read.Configuration);
            await Console.Out.WriteLineAsync(
                parsed.GetValue(json) ? JsonSerializer.Serialize(explanation, ExplainJson.Default.Explanation) : Text(explanation));
            return explanation.Outcome == "event" ? 0 : 1;
        });
        return command;
    }

    internal static string Text(Explanation explanation)
    {
        var text = new StringBuilder($"{explanation.Outcome}{(explanation.Reason is { } reason ? $": {reason}" : "")}\n");
        foreach (var fault in explanation.Faults)
            text.Append($"  {fault.Path}  {fault.Code}: {fault.Message}\n");
        foreach (var (field, value, from, how) in explanation.Fields)
        {
            var shown = value.ReplaceLineEndings(", ");
            text.Append($"  {field,-28} <- {(from.Count == 0 ? "-" : string.Join(" | ", from)),-32} {how}: {(shown.Length > 80 ? $"{shown.AsSpan(0, 80)}..." : shown)}\n");
        }

        if (explanation.Unmapped.Count > 0)
            text.Append($"unmapped\n{string.Concat(explanation.Unmapped.Select(path => $"  {path}\n"))}");
        return text.ToString().TrimEnd('\n');
    }

    private static async Task<int> FailedAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return 1;
    }
}
