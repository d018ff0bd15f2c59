using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Payloads;

/// <summary>Bodies that are nearly right: what a broken or hostile sender makes of a good one.</summary>
internal static class Mutated
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "0", "-1", "1e999", "9999999999999999999999", "\"\"", "{}", "[]", "[[[[", "\\u0000",
        "\\ud800", "\0", "\n", "é", "\"email\":1,", "\"fields\":[],", "\"object\":\"v2.core.event\",", "\"type\":null,", "\"created\":-1,", "99", "e", "&", "=", "%", "%E9", "%00", "--", "\r\n", "\r\n\r\n", "=?", "; name=\"",
    ];

    /// <summary>A text with up to eight cuts, insertions and flipped bytes.</summary>
    public static Gen<byte[]> Of(params string[] samples) => Of([.. samples.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>The same of samples that aren't text.</summary>
    public static Gen<byte[]> Of(params byte[][] samples) =>
        from sample in Gen.Elements(samples)
        from times in Gen.Choose(0, 8)
        from changes in Gen.ListOf(Change, times)
        select changes.Aggregate(sample, (bytes, change) => change(bytes));

    private static Gen<Func<byte[], byte[]>> Change =>
        from kind in Gen.Choose(0, 3)
        from at in Gen.Choose(0, 4096)
        from length in Gen.Choose(1, 20)
        from piece in Gen.Elements(Pieces)
        from value in Gen.Choose(0, 255)
        select new Func<byte[], byte[]>(bytes =>
        {
            if (bytes.Length == 0)
                return Encoding.UTF8.GetBytes(piece);
            var start = at % bytes.Length;
            var end = Math.Min(bytes.Length, start + length);
            return kind switch
            {
                0 => [.. bytes[..start], .. bytes[end..]],
                1 => [.. bytes[..start], .. Encoding.UTF8.GetBytes(piece), .. bytes[start..]],
                2 => [.. bytes[..start], .. Encoding.UTF8.GetBytes(piece), .. bytes[end..]],
                _ => [.. bytes[..start], (byte)value, .. bytes[(start + 1)..]],
            };
        });
}
