using System.Text.RegularExpressions;
using CrmGrains.Host.Configuration.Reading;

namespace CrmGrains.Host.Configuration;

/// <summary>Says in words what exchanging one workspace file for another changes. Both must be without fault.</summary>
internal static partial class ConfigurationDiff
{
    // Keys by which the items of a list are known again, wherever they stand in it.
    private static readonly string[] ItemNames = ["tier", "status", "email"];

    /// <summary>One sentence for each change, in the order of the newer file, what is gone last; none where they mean the same.</summary>
    public static IReadOnlyList<string> Of(string old, string next)
    {
        var (before, after) = (Leaves(old), Leaves(next));
        var said = new List<string>();
        foreach (var (path, value) in after)
        {
            if (!before.TryGetValue(path, out var was))
                said.Add(Whole(path, before) is { } added ? $"{Subject(added)} added" : $"{Subject(path)} added: {Shown(path, value)}");
            else if (was != value)
                said.Add(Changed(path, was, value, after));
        }

        foreach (var (path, value) in before.Where(leaf => !after.ContainsKey(leaf.Key)))
            said.Add(Whole(path, after) is { } removed ? $"{Subject(removed)} removed" : $"{Subject(path)} removed (before: {Shown(path, value)})");
        return [.. said.Distinct()];
    }

    private static string Changed(string path, string was, string value, IReadOnlyDictionary<string, string> after)
    {
        if (Threshold().Match(path) is { Success: true } rule
            && after.GetValueOrDefault($"{rule.Groups["condition"].Value}.field") == "score"
            && Bound(after.GetValueOrDefault($"{rule.Groups["condition"].Value}.op")) is { } bound)
            return rule.Groups["list"].Value == "routing"
                ? $"leads with a score {bound(value)} now go to {rule.Groups["name"].Value} (before: {was})"
                : $"leads with a score {bound(value)} are now {rule.Groups["name"].Value} (before: {was})";
        return Points().Match(path) is { Success: true } points
            ? $"the rule {points.Groups["name"].Value} now gives {value} points (before: {was})"
            : $"{Subject(path)}: {(IsSecret(path) ? "changed (not shown)" : $"{was} → {value}")}";
    }

    private static Func<string, string>? Bound(string? op) => op switch
    {
        "gte" => value => $"of {value} or more",
        "gt" => value => $"above {value}",
        "lte" => value => $"of {value} or less",
        "lt" => value => $"below {value}",
        _ => null,
    };

    // sources.stripe.rank is «source stripe, rank».
    private static string Subject(string path)
    {
        var parts = path.Split('.', 3);
        var kind = parts[0] switch
        {
            "sources" => "source", "owners" => "role", "pipelines" => "pipeline", "channels" => "channel", "templates" => "template",
            "playbooks" => "playbook", "sequences" => "sequence", _ => null,
        };
        if (kind is null || parts.Length < 2)
            return path;
        return parts.Length == 2 ? $"{kind} {parts[1]}" : $"{kind} {parts[1]}, {parts[2]}";
    }

    // The highest part of the path that the other file has nothing of; null where that is the path itself.
    private static string? Whole(string path, IReadOnlyDictionary<string, string> other)
    {
        for (var at = path.IndexOf('.', StringComparison.Ordinal); at >= 0; at = path.IndexOf('.', at + 1))
        {
            var part = path[..at];
            if (!other.Keys.Any(key => key == part || key.StartsWith($"{part}.", StringComparison.Ordinal)))
                return part;
        }

        return null;
    }

    private static string Shown(string path, string value) => IsSecret(path) ? "(not shown)" : value;

    // References only; but which one is meant is nobody's business who reads a report.
    private static bool IsSecret(string path) => path.Split('.').Any(key => key is "secrets" or "secret" or "password" or "token" or "signing_secret");

    private static OrderedDictionary<string, string> Leaves(string text)
    {
        var leaves = new OrderedDictionary<string, string>();
        if (YamlTree.Read(text.TrimStart('\uFEFF'), new FaultList("")) is { } root)
            Gather(root, "", leaves);
        return leaves;
    }

    private static void Gather(YamlNode node, string path, OrderedDictionary<string, string> leaves)
    {
        switch (node)
        {
            case YamlNode.Map map:
                foreach (var entry in map.Entries)
                    Gather(entry.Value, Joined(path, entry.Key), leaves);
                break;
            case YamlNode.List list when list.Items.All(item => item is YamlNode.Scalar):
                leaves[path] = $"[{string.Join(", ", list.Items.OfType<YamlNode.Scalar>().Select(item => item.Text))}]";
                break;
            case YamlNode.List list:
                foreach (var (item, index) in list.Items.Select((item, index) => (item, index)))
                    Gather(item, Joined(path, NameOf(item, path, leaves) ?? $"{index + 1}"), leaves);
                break;
            case YamlNode.Scalar scalar:
                leaves[path] = scalar.Text;
                break;
        }
    }

    // Of two items with one name the second goes by its place.
    private static string? NameOf(YamlNode item, string path, OrderedDictionary<string, string> leaves) =>
        item is YamlNode.Map map
        && map.Entries.FirstOrDefault(entry => ItemNames.Contains(entry.Key))?.Value is YamlNode.Scalar { Text: var name }
        && !leaves.Keys.Any(key => key.StartsWith($"{Joined(path, name)}.", StringComparison.Ordinal))
            ? name
            : null;

    private static string Joined(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    [GeneratedRegex(@"^(?<condition>(?<list>routing|qualification)\.(?<name>[a-z0-9_]+)\.when(\.[a-z0-9]+)*)\.value\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Threshold();

    [GeneratedRegex(@"^scoring\.rules\.(?<name>[a-z0-9_]+)\.points\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Points();
}
