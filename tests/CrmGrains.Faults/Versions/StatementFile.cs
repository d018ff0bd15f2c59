using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Faults.Versions;

/// <summary>A statement with the names of its parameters' types.</summary>
internal sealed record StatementText(string Sql, IReadOnlyList<string> Types);

/// <summary>The statements that a version runs.</summary>
/// <param name="Generator">How the file was made.</param>
/// <param name="Commit">Of the version.</param>
internal sealed record StatementFile(string Generator, string Commit, IReadOnlyList<StatementText> Statements)
{
    public const string Command = "dotnet run -c Release --project tests/CrmGrains.Faults -- previous-statements --to FILE";

    public static async Task<StatementFile> ReadAsync(string path) =>
        JsonSerializer.Deserialize(await File.ReadAllTextAsync(path), StatementJson.Default.StatementFile)
            ?? throw new JsonException($"{path} is empty.");

    public Task WriteAsync(string path, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(this, StatementJson.Default.StatementFile) + "\n", cancellationToken);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(StatementFile))]
internal sealed partial class StatementJson : JsonSerializerContext;
