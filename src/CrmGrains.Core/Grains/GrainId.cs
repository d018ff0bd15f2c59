using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Core.Grains;

/// <summary>The kinds of grains, by the name that ids, rows and metrics carry.</summary>
public static class GrainKind
{
    /// <summary>One person, whatever addresses and ids they are known by.</summary>
    public const string Customer = "customer";

    /// <summary>One company, by its domain.</summary>
    public const string Company = "company";

    /// <summary>One open deal of one customer in one pipeline.</summary>
    public const string Deal = "deal";

    /// <summary>What holds for a whole workspace and people decide; the one there is has the key <c>policy</c>.</summary>
    public const string Workspace = "workspace";
}

/// <summary>Names one grain: <c>workspace/kind/key</c>. Never contains personal data: a customer's key is derived by a hash.</summary>
[JsonConverter(typeof(GrainIdJson))]
public readonly record struct GrainId
{
    private readonly string? _text;

    private GrainId(string text, int kindAt, int keyAt)
    {
        _text = text;
        Workspace = text[..(kindAt - 1)];
        Kind = text[kindAt..(keyAt - 1)];
        Key = text[keyAt..];
    }

    /// <summary>The business that the grain belongs to.</summary>
    public string Workspace { get; }

    /// <summary>One of <see cref="GrainKind"/>.</summary>
    public string Kind { get; }

    /// <summary>The grain's own name within its workspace and kind; may contain slashes.</summary>
    public string Key { get; }

    /// <summary>The id of a grain.</summary>
    public static GrainId Of(string workspace, string kind, string key) => Parse($"{workspace}/{kind}/{key}");

    /// <summary>Reads <c>workspace/kind/key</c>.</summary>
    /// <exception cref="FormatException">A part is missing or empty.</exception>
    public static GrainId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no grain id; it has the form workspace/kind/key.");

    /// <summary>Reads <c>workspace/kind/key</c>; false where a part is missing or empty.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out GrainId id)
    {
        id = default;
        var kindAt = (text?.IndexOf('/', StringComparison.Ordinal) ?? -1) + 1;
        var keyAt = kindAt == 0 || text is null ? 0 : text.IndexOf('/', kindAt) + 1;
        if (text is null || kindAt < 2 || keyAt < kindAt + 2 || keyAt == text.Length)
            return false;
        id = new GrainId(text, kindAt, keyAt);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(GrainId other) => string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => _text?.GetHashCode(StringComparison.Ordinal) ?? 0;

    /// <summary><c>workspace/kind/key</c></summary>
    public override string ToString() => _text ?? "";
}

internal sealed class GrainIdJson : JsonConverter<GrainId>
{
    public override GrainId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        GrainId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("A grain id has the form workspace/kind/key.");

    public override void Write(Utf8JsonWriter writer, GrainId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
