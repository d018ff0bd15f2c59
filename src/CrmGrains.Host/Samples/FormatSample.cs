using System.Text.Json;

namespace CrmGrains.Host.Samples;

/// <summary>A delivery as the senders of a format make it: byte for byte, without the signature.</summary>
/// <param name="Format">The format's name.</param>
/// <param name="Event">What it tells of, for example <c>booking_created</c>.</param>
/// <param name="Extension">Of its file; says what kind of body it is.</param>
internal sealed record FormatSample(string Format, string Event, string Extension)
{
    private const string Folder = "Samples/";
    private const string HeadersExtension = ".headers.json";

    /// <summary>Those of all formats, in alphabetical order.</summary>
    public static IReadOnlyList<FormatSample> All { get; } =
    [
        .. typeof(FormatSample).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && !name.EndsWith(HeadersExtension, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..].Split('/'))
            .Where(path => path.Length == 2)
            .Select(path => new FormatSample(path[0], Path.GetFileNameWithoutExtension(path[1]), Path.GetExtension(path[1])))
            .OrderBy(sample => sample.Format, StringComparer.Ordinal).ThenBy(sample => sample.Event, StringComparer.Ordinal),
    ];

    /// <summary>Those of a format.</summary>
    public static IEnumerable<FormatSample> Of(string format) => All.Where(sample => sample.Format == format);

    /// <summary>The exact bytes that are sent.</summary>
    public byte[] Body() => Read(Extension)
        ?? throw new InvalidOperationException($"The sample {Format}/{Event} isn't part of this program.");

    /// <summary>The headers that its sender adds, besides the signature.</summary>
    public IReadOnlyDictionary<string, string> Headers()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Content-Type"] = Extension switch
            {
                ".form" => "application/x-www-form-urlencoded",
                ".txt" => "text/plain",
                _ => "application/json",
            },
        };
        if (Read(HeadersExtension) is { } own)
        {
            foreach (var header in JsonElement.Parse(own).EnumerateObject())
                headers[header.Name] = header.Value.GetString() ?? "";
        }

        return headers;
    }

    private byte[]? Read(string extension)
    {
        using var stream = typeof(FormatSample).Assembly.GetManifestResourceStream($"{Folder}{Format}/{Event}{extension}");
        if (stream is null)
            return null;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
