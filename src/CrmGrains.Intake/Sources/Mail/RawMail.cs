using System.Text;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Mail;

/// <summary>A whole mail as it went over the wire (RFC 5322, MIME): its headers, its text and the names of its files. Bounded.</summary>
internal sealed class RawMail
{
    // A forwarded mail in a signed one in a list's: deeper is no mail that somebody reads.
    private const int MaxDepth = 5;
    private const int MaxParts = 200;
    private const int MaxAttachments = 100;

    private readonly List<string> _attachments = [];
    private int _parts;

    private RawMail(MimeHeaders headers) => Headers = headers;

    public MimeHeaders Headers { get; }

    public string? From => Headers["From"] is { } from ? EncodedWords.Decode(from) : null;

    public string? Subject => Headers["Subject"] is { } subject ? EncodedWords.Decode(subject) : null;

    /// <summary>The first plain text; null where there is none.</summary>
    public string? Text { get; private set; }

    /// <summary>The first HTML; null where there is none.</summary>
    public string? Html { get; private set; }

    public IReadOnlyList<string> Attachments => _attachments;

    public static RawMail Read(ReadOnlyMemory<byte> bytes)
    {
        var whole = MimePart.Of(bytes);
        var mail = new RawMail(whole.Headers);
        mail.Read(whole, depth: 0);
        return mail;
    }

    private void Read(MimePart part, int depth)
    {
        if (++_parts > MaxParts || depth > MaxDepth)
            return;
        var type = part.ContentType ?? "text/plain";
        var boundary = MimeHeaders.Parameter(part.Headers["Content-Type"], "boundary");
        if (type.StartsWith("multipart/", StringComparison.Ordinal) && boundary is not null && MimeParts.IsBoundary(boundary))
        {
            foreach (var inner in MimeParts.Of(part.Body, boundary).Take(MaxParts))
                Read(inner, depth + 1);
            return;
        }

        if (part.FileName is { } file)
        {
            if (_attachments.Count < MaxAttachments)
                _attachments.Add(Texts.Attachment(CleanText.Beginning(EncodedWords.Decode(file), FactReader.MaxNameLength), null));
        }
        else if (type == "text/plain")
        {
            Text ??= Decoded(part);
        }
        else if (type == "text/html")
        {
            Html ??= Decoded(part);
        }
    }

    private static string Decoded(MimePart part)
    {
        var encoding = part.Headers["Content-Transfer-Encoding"]?.Trim().ToLowerInvariant();
        var bytes = encoding switch
        {
            "base64" => EncodedWords.FromBase64(part.Body.Span),
            "quoted-printable" => EncodedWords.FromQuotedPrintable(part.Body.Span, isWord: false),
            _ => part.Body.Span,
        };
        return TextEncodings.Decode(bytes, MimeHeaders.Parameter(part.Headers["Content-Type"], "charset"));
    }
}
