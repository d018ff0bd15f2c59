using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Configuration.Schema;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains config check</c>, <c>diff</c>, <c>schema</c> and <c>versions</c></summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "What a business decides: its workspace file.") { Check(), Diff(), Schema(), Versions() };

    private static Command Check()
    {
        var file = new Argument<FileInfo>("file") { Description = "A workspace file." };
        var json = new Option<bool>("--json") { Description = "One JSON document instead of lines." };
        var check = new Command("check", "Reads a workspace file as serve would and names every fault with its line and what to do; exit code 1 if there is one.") { file, json };
        check.SetAction(async (parsed, cancellationToken) =>
            await CheckAsync(parsed.GetRequiredValue(file), parsed.GetValue(json), cancellationToken) ? 0 : 1);
        return check;
    }

    /// <summary>Prints what is wrong or odd with a file, or that nothing is.</summary>
    /// <returns>Whether it could be taken.</returns>
    public static async Task<bool> CheckAsync(FileInfo info, bool asJson, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(info, cancellationToken);
        if (asJson)
        {
            var report = new CheckReport(info.ToString(), read.IsValid, read.Configuration?.Hash, read.Faults, read.Warnings);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report, ConfigJson.Default.CheckReport));
            return read.IsValid;
        }

        foreach (var fault in read.Faults)
            await Console.Out.WriteLineAsync(fault.ToString());
        foreach (var warning in read.Warnings)
            await Console.Out.WriteLineAsync($"{warning} (a warning: the file is taken all the same)");
        if (read.IsValid)
            await Console.Out.WriteLineAsync($"{info}: valid, {read.Configuration.Sources.Count} sources, hash {read.Configuration.Hash[..12]}.");
        return read.IsValid;
    }

    private static Command Diff()
    {
        var old = new Argument<string>("old") { Description = "A workspace file, or with --hash the hash of a version." };
        var next = new Argument<string>("new") { Description = "Likewise." };
        var hash = new Option<bool>("--hash") { Description = "Compare versions that were in force, by their hashes, as `config versions` lists them." };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var diff = new Command("diff", "Says in words what a change of a workspace file does.") { old, next, hash, url, key, data };
        diff.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            string?[] texts;
            var names = new[] { parsed.GetRequiredValue(old), parsed.GetRequiredValue(next) };
            if (parsed.GetValue(hash))
            {
                using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
                texts = [await BodyAsync(host, names[0], cancellationToken), await BodyAsync(host, names[1], cancellationToken)];
            }
            else
            {
                texts = [await ValidAsync(names[0], cancellationToken), await ValidAsync(names[1], cancellationToken)];
            }

            if (texts is not [{ } before, { } after])
                return 1;
            var changes = ConfigurationDiff.Of(before, after);
            foreach (var change in changes)
                await Console.Out.WriteLineAsync(change);
            if (changes.Count == 0)
                await Console.Out.WriteLineAsync("They mean the same.");
            return 0;
        }));
        return diff;
    }

    private static Command Schema()
    {
        var schema = new Command("schema", "Prints the JSON Schema of workspace files (draft 2020-12), for editors.");
        schema.SetAction(async (_, _) =>
        {
            await Console.Out.WriteAsync(WorkspaceSchema.Text);
            return 0;
        });
        return schema;
    }

    private static Command Versions()
    {
        var workspace = new Option<string?>("--workspace") { Description = "Of this workspace only." };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var versions = new Command("versions", "Versions of workspace files that were in force, newest first.") { workspace, url, key, data };
        versions.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var query = parsed.GetValue(workspace) is { } named ? $"&workspace={Uri.EscapeDataString(named)}" : "";
            var page = await host.GetAsync($"/v1/configurations?limit=500{query}", cancellationToken);
            foreach (var item in page.GetProperty("items").EnumerateArray())
                await Console.Out.WriteLineAsync(
                    $"{item.GetProperty("hash").GetString()}  {item.GetProperty("seen_at").GetDateTime():u}  {item.GetProperty("workspace").GetString()}{(item.GetProperty("in_force").GetBoolean() ? "  in force" : "")}");
            return 0;
        }));
        return versions;
    }

    private static async Task<string?> BodyAsync(HostClient host, string hash, CancellationToken cancellationToken) =>
        (await host.GetAsync($"/v1/configurations/{Uri.EscapeDataString(hash)}", cancellationToken)).GetProperty("body").GetString();

    // What has a fault isn't shown: a secret may stand where a reference should.
    private static async Task<string?> ValidAsync(string path, CancellationToken cancellationToken)
    {
        var info = new FileInfo(path);
        var read = await ReadAsync(info, cancellationToken);
        foreach (var fault in read.Faults)
            await Console.Error.WriteLineAsync(fault.ToString());
        return read.IsValid ? await File.ReadAllTextAsync(info.FullName, cancellationToken) : null;
    }

    private static async Task<WorkspaceFile> ReadAsync(FileInfo info, CancellationToken cancellationToken)
    {
        try
        {
            return info.Exists && info.Length > WorkspaceFile.MaxBytes
                ? WorkspaceFile.TooLarge(info.ToString())
                : WorkspaceFile.Parse(info.ToString(), await File.ReadAllBytesAsync(info.FullName, cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return WorkspaceFile.Faulty(info.ToString(), "The file can't be read. Check that it is there and who may read it.");
        }
    }
}

/// <param name="File">As it was named.</param>
/// <param name="Valid">Whether it could be taken.</param>
/// <param name="Hash">The version that it would be; null where it has faults.</param>
/// <param name="Faults">All of them.</param>
/// <param name="Warnings">What is odd and taken all the same.</param>
internal sealed record CheckReport(string File, bool Valid, string? Hash, IReadOnlyList<WorkspaceFault> Faults, IReadOnlyList<WorkspaceFault> Warnings);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(CheckReport))]
internal sealed partial class ConfigJson : JsonSerializerContext;
