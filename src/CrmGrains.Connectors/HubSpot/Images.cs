using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Undo;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>
/// What a write found and what it left, by what was read before and what was answered. What people changed between the two is taken for
/// what the write found no later than the read; search shows some seconds less.
/// </summary>
internal static class Images
{
    // Longer ones, such as bodies of notes, are only compared, so their hash is enough.
    private const int MostCharacters = 200;

    private static readonly RecordImage Nothing = new() { IsThere = false };

    /// <summary>Both, or neither where what was there before isn't known.</summary>
    public static (RecordImage? Before, RecordImage? After) Of(Row row, CrmRecord record)
    {
        if (record.New == true || row.Action == "created")
            return Made(row.Properties.Keys.Concat(row.Id is null ? [] : [BatchWrites.KeyProperty]), property => Left(row, record, property), row.Map, row.Links);

        // A record that carries this effect's mark was written by an attempt that nobody answered: what was there before that is lost.
        if (row.Prior is not { } prior || prior[BatchWrites.EffectProperty] == row.Write.EffectKey
            || row.Properties.Keys.Any(property => !prior.Properties.ContainsKey(property)))
            return (null, null);
        var changed = row.Properties.Keys.Where(property => (prior[property] ?? "") != Left(row, record, property)).Order(StringComparer.Ordinal).ToList();
        return (
            new RecordImage { IsThere = true, Fields = [.. changed.Select(property => new FieldImage(Name(row.Map, property), property, prior[property] ?? ""))] },
            new RecordImage
            {
                IsThere = true,
                Fields = [.. changed.Select(property => new FieldImage(Name(row.Map, property), property, Short(Left(row, record, property))))],
            });
    }

    /// <summary>The images of a record that the write made.</summary>
    public static (RecordImage Before, RecordImage After) Made(
        IEnumerable<string> properties, Func<string, string> left, FieldMap? map, IReadOnlyList<string>? links) =>
        (Nothing, new RecordImage
        {
            IsThere = true,
            Fields = [.. properties.Distinct().Order(StringComparer.Ordinal).Select(property => new FieldImage(Name(map, property), property, Short(left(property))))],
            Links = links,
        });

    /// <summary>The images of a link that was there before, or wasn't.</summary>
    public static (RecordImage Before, RecordImage After) OfLink(string from, string to, bool wasThere) =>
        (wasThere ? new RecordImage { IsThere = true } : Nothing, new RecordImage { IsThere = true, Links = [from, to] });

    /// <summary>Whether a value is what an image says was left.</summary>
    public static bool IsSame(string? now, string left) => (now ?? "") == left || Short(now ?? "") == left;

    // As HubSpot tells it, which may spell a date or an address otherwise than it was sent.
    private static string Left(Row row, CrmRecord record, string property) =>
        record[property] ?? (property == BatchWrites.KeyProperty && row.Id is { } key && !row.Properties.ContainsKey(property) ? key : row.Properties.GetValueOrDefault(property) ?? "");

    private static string Name(FieldMap? map, string property) =>
        map?.NameOf(property) ?? property;

    private static string Short(string value) =>
        value.Length <= MostCharacters ? value : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))}";
}
