using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CrmGrains.Runtime.Postgres;

/// <summary>One step of the schema.</summary>
/// <param name="Name">Its file's name, <c>0001_mailbox.sql</c>.</param>
/// <param name="Text">Line ends are <c>\n</c>, whatever a checkout made of them, so its hash is the same everywhere.</param>
internal sealed partial record MigrationScript(int Number, string Name, string Text)
{
    private const string Folder = "Schema/";

    /// <summary>Those of this program, in order.</summary>
    public static IReadOnlyList<MigrationScript> Embedded { get; } = ReadFrom(typeof(MigrationScript).Assembly);

    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    public static MigrationScript Parse(string name, string text)
    {
        var match = NamePattern().Match(name);
        return match.Success
            ? new MigrationScript(int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), name, text.ReplaceLineEndings("\n"))
            : throw new MigrationException($"A migration's name is NNNN_name.sql; {name} is not.");
    }

    private static List<MigrationScript> ReadFrom(Assembly assembly)
    {
        var scripts = new List<MigrationScript>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource) ?? throw new MigrationException($"{resource} can't be read.");
            using var reader = new StreamReader(stream, Encoding.UTF8);
            scripts.Add(Parse(resource[Folder.Length..], reader.ReadToEnd()));
        }

        scripts.Sort((a, b) => a.Number.CompareTo(b.Number));
        return scripts.Zip(scripts.Skip(1)).FirstOrDefault(pair => pair.First.Number == pair.Second.Number) is ({ } first, { } second)
            ? throw new MigrationException($"Two migrations have one number: {first.Name} and {second.Name}.")
            : scripts;
    }

    [GeneratedRegex(@"^(?<number>\d{4})_[a-z0-9_]+\.sql$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}
