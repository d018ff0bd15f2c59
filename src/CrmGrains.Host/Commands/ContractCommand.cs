using System.CommandLine;
using CrmGrains.Core.Contract;
using CrmGrains.Host.Contract;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains contract export</c></summary>
internal static class ContractCommand
{
    public static Command Create()
    {
        var folder = new Option<DirectoryInfo?>("--out") { Description = "The folder to write a document for each type into; without it, the one for all types is printed." };
        var export = new Command("export", "Writes the contract of events as JSON Schema documents (draft 2020-12).") { folder };
        export.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(folder) is not { } target)
            {
                await Console.Out.WriteLineAsync(ContractEndpoint.Text(JsonSchemas.OfEvent()).AsMemory(), cancellationToken);
                return 0;
            }

            try
            {
                return await ExportAsync(target, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"{target}: {exception.Message} Choose a folder that can be written to.");
                return 1;
            }
        });
        return new Command("contract", "What events must be like, whatever source they come from.") { export };
    }

    private static async Task<int> ExportAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        folder.Create();
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "event.schema.json"), ContractEndpoint.Text(JsonSchemas.OfEvent()) + "\n", cancellationToken);
        foreach (var schema in EventSchemas.All)
        {
            // A star in a file's name is a trap for shells.
            var name = schema.Type == EventSchema.Custom ? "custom" : schema.Type;
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, $"{name}.schema.json"), ContractEndpoint.Text(JsonSchemas.Of(schema.Type)) + "\n", cancellationToken);
        }

        await Console.Out.WriteLineAsync($"{folder}: {EventSchemas.All.Count + 1} documents.");
        return 0;
    }
}
