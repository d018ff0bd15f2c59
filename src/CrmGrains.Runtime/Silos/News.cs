using System.Globalization;

namespace CrmGrains.Runtime.Silos;

/// <summary>What one process tells the others that it has committed.</summary>
/// <param name="Filled">The partitions that got messages; null where it isn't said which.</param>
/// <param name="HasCommands">Whether there are commands.</param>
internal sealed record News(IReadOnlyList<int>? Filled, bool HasCommands)
{
    // PostgreSQL takes payloads under 8,000 bytes.
    private const int MostFilled = 1_000;
    private const string Everything = "*";
    private const string Commands = "c";

    /// <summary>Writes it as the payload of a notification: the sender, whether there are commands, the partitions.</summary>
    public string ToPayload(string sender)
    {
        var filled = Filled is { Count: <= MostFilled }
            ? string.Join(',', Filled.Select(id => id.ToString(CultureInfo.InvariantCulture)))
            : Everything;
        return $"{sender} {(HasCommands ? Commands : "-")} {filled}";
    }

    /// <summary>Reads a payload; null where it is our own. What another version wrote may be about anything.</summary>
    public static News? Read(string payload, string me)
    {
        if (payload.StartsWith(me, StringComparison.Ordinal))
            return null;
        if (payload.Split(' ') is not [_, var commands, var filled])
            return new News(null, HasCommands: true);
        if (filled == Everything)
            return new News(null, commands == Commands);
        var ids = new List<int>();
        foreach (var part in filled.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                return new News(null, HasCommands: true);
            ids.Add(id);
        }

        return new News(ids, commands == Commands);
    }
}
