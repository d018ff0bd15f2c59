using System.Text;

namespace CrmGrains.Core.Grains;

/// <summary>The unit of order and of scale: every grain belongs to one of <see cref="Count"/> partitions, for ever.</summary>
public static class MailboxPartition
{
    /// <summary>How many partitions there are. Rows depend on it, so it never changes.</summary>
    public const int Count = 64;

    /// <summary>The partition of a grain: FNV-1a over the id's UTF-8 bytes, mixed so that the low bits depend on all of them.</summary>
    /// <returns>0 to 63; the same on every machine and in every version.</returns>
    public static int Of(GrainId grain)
    {
        var text = grain.ToString();
        Span<byte> buffer = stackalloc byte[256];
        var bytes = Encoding.UTF8.GetMaxByteCount(text.Length) <= buffer.Length
            ? buffer[..Encoding.UTF8.GetBytes(text, buffer)]
            : Encoding.UTF8.GetBytes(text);

        var hash = 2166136261u;
        foreach (var value in bytes)
            hash = unchecked((hash ^ value) * 16777619u);
        hash ^= hash >> 16;
        hash = unchecked(hash * 0x85EBCA6Bu);
        hash ^= hash >> 13;
        return (int)(hash % Count);
    }
}
