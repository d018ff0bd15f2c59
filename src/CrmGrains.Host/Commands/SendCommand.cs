using System.CommandLine;
using CrmGrains.Host.Samples;
using CrmGrains.Host.Serving;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains send</c></summary>
internal static class SendCommand
{
    public static Command Create()
    {
        var sample = new Option<string?>("--sample") { Description = $"One of {string.Join(", ", Sample.All.Select(one => one.Name))}." };
        sample.AcceptOnlyFromAmong([.. Sample.All.Select(one => one.Name)]);
        var source = new Option<string?>("--source") { Description = "The source that the file is sent as." };
        var file = new Option<FileInfo?>("--file") { Description = "The body; sent byte for byte." };
        var id = new Option<string?>("--delivery-id") { Description = "What the delivery is called; a new id each time by default." };
        var workspace = new Option<string>("--workspace") { DefaultValueFactory = _ => "demo" };
        var workspaces = new Option<string>("--workspaces") { DefaultValueFactory = _ => ServeOptions.DefaultWorkspaces };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var command = new Command("send", "Sends a sample, or a file, to a running host: signed as its source would sign it.")
        {
            sample, source, file, id, workspace, workspaces, url, key, data,
        };
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            var (from, body) = Body(parsed.GetValue(sample), parsed.GetValue(source), parsed.GetValue(file));
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var sender = new SignedSender(
                host, SignedSender.Load(parsed.GetRequiredValue(workspaces), parsed.GetRequiredValue(workspace)), parsed.GetRequiredValue(data));
            var (eventId, isDuplicate) = await sender.SendAsync(
                from, body, parsed.GetValue(id) ?? $"msg_{Guid.NewGuid():N}", cancellationToken);
            await Console.Out.WriteLineAsync($"{eventId}{(isDuplicate ? " (was there before)" : "")}");
            return 0;
        }));
        return command;
    }

    private static (string Source, byte[] Body) Body(string? sample, string? source, FileInfo? file) =>
        sample is not null ? Sample.All.Where(one => one.Name == sample).Select(one => (one.Source, one.Body())).Single()
        : source is not null && file is { Exists: true } ? (source, File.ReadAllBytes(file.FullName))
        : throw new HostException("Name a sample with --sample, or a source and an existing file with --source and --file.");
}
