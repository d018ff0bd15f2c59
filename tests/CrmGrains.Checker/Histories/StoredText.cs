using System.Text;

namespace CrmGrains.Checker;

/// <summary>A text of the database that is read when it is needed: a million details are no weight for who checks versions.</summary>
public abstract class StoredText
{
    /// <summary>One that is in memory.</summary>
    public static StoredText Of(string text) => new InMemory(Encoding.UTF8.GetBytes(text));

    /// <summary>One that is in memory, in UTF-8.</summary>
    public static StoredText Of(byte[] utf8) => new InMemory(utf8);

    /// <summary>Its UTF-8.</summary>
    public abstract byte[] Read();

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Read());

    private sealed class InMemory(byte[] utf8) : StoredText
    {
        public override byte[] Read() => utf8;
    }
}
