using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CrmGrains.Host.Ledger;

/// <summary>How far a reader has followed the ledger: a position for each partition. Opaque to whoever carries it.</summary>
internal static class LedgerCursor
{
    private const int MaxLength = 64 * 1024;

    public static string Write(IReadOnlyDictionary<int, long> positions) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(
        string.Join(',', positions.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}:{pair.Value}")))));

    /// <summary>Null where it is no cursor.</summary>
    public static Dictionary<int, long>? Read(string? cursor)
    {
        var positions = new Dictionary<int, long>();
        if (string.IsNullOrEmpty(cursor))
            return positions;
        if (cursor.Length > MaxLength || !Base64Url.IsValid(cursor))
            return null;
        foreach (var part in Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split(':');
            if (pair.Length != 2
                || !int.TryParse(pair[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                || !long.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out var position))
                return null;
            positions[partition] = position;
        }

        return positions;
    }
}
