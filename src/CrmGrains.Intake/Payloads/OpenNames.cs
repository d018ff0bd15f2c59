using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;

namespace CrmGrains.Intake.Payloads;

/// <summary>
/// The names of the objects that a reader is inside of, by a number for each: tells, without a set for each object, that no name is twice in its
/// object. It never overlooks one; where it can't tell, somebody has to look closely.
/// </summary>
/// <param name="names">Room for the names of all objects that are open at once.</param>
/// <param name="begins">Room for as many levels as the reader goes deep.</param>
internal ref struct OpenNames(Span<ulong> names, Span<int> begins)
{
    private readonly Span<ulong> _names = names;
    private readonly Span<int> _begins = begins;
    private int _count;

    /// <summary>
    /// Whether a name may be twice in an object: two look alike, one is written with escapes, or there are more than there is room for.
    /// </summary>
    public bool MayRepeat { get; private set; }

    /// <summary>Takes the token in that was read last.</summary>
    public void Follow(in Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                _begins[reader.CurrentDepth] = _count;
                break;
            case JsonTokenType.EndObject:
                _count = _begins[reader.CurrentDepth];
                break;
            case JsonTokenType.PropertyName when !MayRepeat:
                var name = NumberOf(reader.ValueSpan);
                MayRepeat = reader.ValueIsEscaped || _count == _names.Length || _names[_begins[reader.CurrentDepth - 1].._count].Contains(name);
                if (!MayRepeat)
                    _names[_count++] = name;
                break;
            default:
                break;
        }
    }

    // One name has one number; two names may share theirs, such as long ones that differ in the middle only.
    private static ulong NumberOf(ReadOnlySpan<byte> name)
    {
        if (name.Length > sizeof(ulong))
        {
            return BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(name), 17)
                ^ BinaryPrimitives.ReadUInt64LittleEndian(name[^sizeof(ulong)..]) ^ ((ulong)name.Length << 56);
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        name.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64LittleEndian(padded);
    }
}
