using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads the <c>verification</c> of a source.</summary>
internal static class VerificationReader
{
    // A timestamp that is accepted for longer lets a delivery that somebody copied be sent again; for shorter, clocks that differ refuse honest ones.
    private static readonly TimeSpan LeastTolerance = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostTolerance = TimeSpan.FromHours(1);

    // Mail is tried again for days, perhaps with the timestamp of the first attempt.
    private static readonly TimeSpan MostToleranceOfMail = TimeSpan.FromDays(7);

    /// <summary>What stands where a verification is missing, which is a fault.</summary>
    public static VerificationConfiguration None { get; } = new() { Scheme = "", Secrets = [] };

    /// <param name="value">The section.</param>
    /// <param name="usual">The scheme that the source's format has where none is named; empty where the format isn't known either.</param>
    public static VerificationConfiguration Read(Value value, string usual)
    {
        var section = value.Section(["secrets"], ["scheme", .. SchemeWords.Keys]);
        var scheme = section["scheme"] is { } named ? named.OneOf(SourceWords.Schemes, "the scheme") ?? "" : usual;
        if (scheme.Length > 0)
            CheckKeys(scheme, value, section);
        if (scheme == "hmac")
            CheckHmac(value, section);

        var secrets = section["secrets"]?.Distinct(CrmReader.Secret) ?? [];
        if (section["secrets"]?.Items() is [])
            section["secrets"]?.Fault("There must be a secret at least, or nobody could send anything.");
        return new VerificationConfiguration
        {
            Scheme = scheme,
            Secrets = secrets,
            SigningSecret = section["signing_secret"] is { } signing ? CrmReader.Secret(signing) : null,
            Tolerance = section["tolerance"]?.Duration(LeastTolerance, scheme == "sendgrid" ? MostToleranceOfMail : MostTolerance),
            Url = section["url"] is { } url ? Url(url) : null,
            Header = section["header"] is { } header ? SourceReader.Header(header) : null,
            Hash = section["hash"]?.OneOf(SourceWords.Hashes, "the hash") ?? "sha256",
            Encoding = section["encoding"]?.OneOf(SourceWords.Encodings, "the encoding") ?? "hex",
            Prefix = section["prefix"]?.Line() ?? "",
            Text = section["text"] is { } text ? Text(text) : null,
            TimestampHeader = section["timestamp_header"] is { } timestamp ? SourceReader.Header(timestamp) : null,
            TimestampUnit = section["timestamp_unit"]?.OneOf(SourceWords.TimestampUnits, "the unit") ?? "seconds",
        };
    }

    // What a scheme ignores would look as if it did something.
    private static void CheckKeys(string scheme, Value value, Section section)
    {
        foreach (var key in SchemeWords.Keys.Except(SchemeWords.All[scheme]))
        {
            section[key]?.Fault(key switch
            {
                "tolerance" => $"The scheme {scheme} signs no timestamp. Leave it out.",
                "url" => $"The scheme {scheme} doesn't sign the address. Leave it out.",
                "signing_secret" => $"The scheme {scheme} signs and verifies with the same secret. Leave it out.",
                "header" => $"Only the scheme hmac reads this, and ed25519 and api_key; {scheme} has its own. Leave it out.",
                _ => $"Only the scheme hmac reads this; {scheme} has its own. Leave it out.",
            });
        }

        if (SchemeWords.SignsUrl(scheme) && section["url"] is null)
            value.Fault($"The scheme {scheme} signs the address that is called. Add `url`, this hook's public address as the sender has it.");
    }

    private static void CheckHmac(Value value, Section section)
    {
        if (section["header"] is null)
            value.Fault("The scheme hmac needs `header`, the name of the header that carries the signature.");
        var text = section["text"]?.Node is YamlNode.Scalar scalar ? scalar.Text : "";
        var hasTimestamp = text.Contains("{timestamp}", StringComparison.Ordinal);
        var hasUrl = text.Contains("{url}", StringComparison.Ordinal);
        if (section["timestamp_header"] is null)
        {
            section["tolerance"]?.Fault("The scheme hmac signs no timestamp without `timestamp_header`. Leave it out, or add that.");
            section["timestamp_unit"]?.Fault("There is no `timestamp_header` whose unit this could be. Leave it out, or add that.");
            if (hasTimestamp)
                section["text"]?.Fault("It has `{timestamp}`, and nothing says where that is. Add `timestamp_header`.");
        }
        else if (!hasTimestamp)
        {
            section["timestamp_header"]?.Fault("A timestamp that isn't signed proves nothing. Add `{timestamp}` to `text`, or leave this out.");
        }

        if (hasUrl && section["url"] is null)
            section["text"]?.Fault("It has `{url}`. Add `url`, this hook's public address as the sender has it.");
        else if (!hasUrl)
            section["url"]?.Fault("The address isn't part of `text`. Leave it out, or add `{url}` there.");
    }

    private static string? Text(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        if (Syntax.FaultOfTemplate(text, SourceWords.SignedTextParts, out _) is { } fault)
            return value.Wrong<string>(fault);
        return text.Split("{body}").Length == 2 ? text : value.Wrong<string>("must have `{body}` once, or nothing would prove the body");
    }

    // Never taken from the request: whoever sends it chooses its Host.
    private static string? Url(Value value) => value.Line() is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            && text.StartsWith($"{url.Scheme}://", StringComparison.Ordinal) && !text.AsSpan().ContainsAny('?', '#') && url.UserInfo.Length == 0
            ? text
        : value.Wrong<string>("must be the whole public address of this hook, `https://...`, without a query: that is taken from the request");
}
