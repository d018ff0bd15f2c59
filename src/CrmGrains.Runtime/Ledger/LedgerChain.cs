using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Runtime.Ledger;

/// <summary>
/// The hash chain of a partition's ledger. Each entry's hash covers the hash before it and every column that never changes, but for
/// written_at, which the database sets; of the detail it covers only sha256(salt || detail), so that erasing a person's data leaves the
/// chain whole.
/// </summary>
public static class LedgerChain
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    /// <summary>Bytes of a salt.</summary>
    public const int SaltBytes = 16;

    // Partition, four numbers, two ids and whether there is an event.
    private const int FixedBytes = 4 + 4 * 8 + 2 * 16 + 1;

    /// <summary>sha256(salt || detail)</summary>
    public static byte[] DetailHash(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> detail)
    {
        var rented = ArrayPool<byte>.Shared.Rent(salt.Length + detail.Length);
        salt.CopyTo(rented);
        detail.CopyTo(rented.AsSpan(salt.Length));
        var hash = SHA256.HashData(rented.AsSpan(0, salt.Length + detail.Length));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>The hash of an entry.</summary>
    /// <param name="previous">The hash of the entry before; zeros for the first.</param>
    /// <param name="entry">What it covers.</param>
    public static byte[] Hash(ReadOnlySpan<byte> previous, in LedgerHeader entry)
    {
        var size = HashBytes * 2 + FixedBytes + 4 * 5 + Encoding.UTF8.GetMaxByteCount(
            entry.Workspace.Length + entry.Grain.Length + entry.Kind.Length + entry.Outcome.Length + entry.Configuration.Length);
        var rented = ArrayPool<byte>.Shared.Rent(size);
        var rest = rented.AsSpan();
        var written = 0;

        void Advance(ref Span<byte> span, int count)
        {
            span = span[count..];
            written += count;
        }

        previous.CopyTo(rest);
        Advance(ref rest, HashBytes);
        BinaryPrimitives.WriteInt32BigEndian(rest, entry.Partition);
        Advance(ref rest, 4);
        foreach (var number in (ReadOnlySpan<long>)[entry.Position, entry.Version, entry.MessageId, entry.BeganAt.UtcTicks])
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, number);
            Advance(ref rest, 8);
        }

        foreach (var id in (ReadOnlySpan<Guid>)[entry.EventId ?? Guid.Empty, entry.Silo])
        {
            id.TryWriteBytes(rest, bigEndian: true, out var count);
            Advance(ref rest, count);
        }

        // No event is not an event of zeros.
        rest[0] = entry.EventId is null ? (byte)0 : (byte)1;
        Advance(ref rest, 1);

        // Each text is led by its length, so that no two entries read the same.
        foreach (var text in (ReadOnlySpan<string>)[entry.Workspace, entry.Grain, entry.Kind, entry.Outcome, entry.Configuration])
        {
            var count = Encoding.UTF8.GetBytes(text, rest[4..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, count);
            Advance(ref rest, 4 + count);
        }

        entry.DetailHash.CopyTo(rest);
        Advance(ref rest, HashBytes);
        var hash = SHA256.HashData(rented.AsSpan(0, written));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }
}

/// <summary>What an entry's hash covers beside the hash before it.</summary>
public readonly record struct LedgerHeader(
    int Partition,
    long Position,
    string Workspace,
    string Grain,
    long Version,
    long MessageId,
    string Kind,
    string Outcome,
    Guid? EventId,
    string Configuration,
    Guid Silo,
    DateTimeOffset BeganAt,
    byte[] DetailHash);
