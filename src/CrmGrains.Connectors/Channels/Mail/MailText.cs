using System.Net.Mail;
using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Events;

namespace CrmGrains.Connectors.Channels.Mail;

/// <summary>
/// A mail as it goes over the wire (RFC 5322, MIME). Nothing that a command says can become a header of its own: addresses are of the one
/// strict form that identity knows, texts of headers are on one line and encoded, bodies are Base64. Pure.
/// </summary>
internal static class MailText
{
    private const int MaxChars = 1024 * 1024;
    private const int MaxSubjectChars = 500;

    // An encoded word has 75 letters at most (RFC 2047, section 2): 12 around it, and four for three bytes.
    private const int MaxBytesOfWord = 45;

    /// <summary>What keeps a mail from being sent at all; null where nothing does. Names no address.</summary>
    public static Verdict.Refused? FaultOf(CrmCommand.SendMail mail) =>
        !EmailAddress.TryNormalize(mail.To, out _) ? new("invalid_address", "The receiver's address is none. Correct it.")
        : mail.ReplyTo is not null && !EmailAddress.TryNormalize(mail.ReplyTo, out _) ? new("invalid_address", "The address for answers is none. Correct it.")
        : string.IsNullOrWhiteSpace(mail.Subject) ? new("missing_required_field", "The mail has no subject.")
        : mail.Text.Length + (mail.Html?.Length ?? 0) > MaxChars ? new("message_too_large", $"The mail has more than {MaxChars} characters.")
        : null;

    /// <summary>The same for every attempt at an effect, so that whoever gets a mail twice can tell.</summary>
    public static string IdOf(string effectKey, string from) => $"<{Mark(effectKey)}@{EmailAddress.DomainOf(from)}>";

    /// <summary>The sender's bare address; null where the text is no sender.</summary>
    public static string? SenderOf(string from) =>
        MailAddress.TryCreate(from, out var sender) && EmailAddress.TryNormalize(sender.Address, out var address) ? address : null;

    /// <param name="mail">Without a fault.</param>
    /// <param name="from">With or without a name before the address.</param>
    /// <param name="sentAt">UTC.</param>
    public static byte[] Of(CrmCommand.SendMail mail, string from, string effectKey, DateTimeOffset sentAt)
    {
        var sender = SenderOf(from) ?? throw new FormatException("The sender is no address.");
        var text = new StringBuilder(mail.Text.Length * 2);
        void Line(string line) => text.Append(line).Append("\r\n");

        Line($"From: {Named(from, sender)}");
        Line($"To: <{Normal(mail.To)}>");
        if (mail.ReplyTo is { } replyTo)
            Line($"Reply-To: <{Normal(replyTo)}>");
        Line($"Subject: {Encoded(mail.Subject)}");
        Line($"Date: {sentAt.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000");
        Line($"Message-ID: {IdOf(effectKey, sender)}");
        Line("Auto-Submitted: auto-generated");  // so that nobody's absence notice answers it
        Line("MIME-Version: 1.0");
        if (mail.Html is not { } html)
        {
            Part("plain", mail.Text);
            return Encoding.ASCII.GetBytes(text.ToString());
        }

        var boundary = $"part-{Mark(effectKey)}";
        Line($"Content-Type: multipart/alternative; boundary=\"{boundary}\"");
        Line("");
        Line($"--{boundary}");
        Part("plain", mail.Text);
        Line($"--{boundary}");
        Part("html", html);
        Line($"--{boundary}--");
        return Encoding.ASCII.GetBytes(text.ToString());

        void Part(string kind, string content)
        {
            Line($"Content-Type: text/{kind}; charset=utf-8");
            Line("Content-Transfer-Encoding: base64");
            Line("");
            Line(Convert.ToBase64String(Encoding.UTF8.GetBytes(content), Base64FormattingOptions.InsertLineBreaks));
        }
    }

    /// <summary>A text as a header can hold it, on one line whatever it was.</summary>
    public static string Encoded(string text)
    {
        var line = OneLine(text);
        if (!line.AsSpan().ContainsAnyExceptInRange(' ', '~') && !line.Contains("=?", StringComparison.Ordinal))
            return line;

        var words = new List<string>();
        var word = new List<byte>(MaxBytesOfWord);
        foreach (var rune in line.EnumerateRunes())
        {
            var bytes = Encoding.UTF8.GetBytes(rune.ToString());
            if (word.Count + bytes.Length > MaxBytesOfWord)
                Flush();
            word.AddRange(bytes);
        }

        Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. word])}?=");
            word.Clear();
        }
    }

    private static string OneLine(string text)
    {
        var cut = text.Length > MaxSubjectChars ? text[..MaxSubjectChars] : text;
        return string.Concat(cut.Select(letter => char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter)).Trim();
    }

    private static string Named(string from, string sender)
    {
        if (!MailAddress.TryCreate(from, out var parsed) || parsed.DisplayName.Length == 0)
            return $"<{sender}>";
        var name = Encoded(parsed.DisplayName);
        return name.StartsWith("=?", StringComparison.Ordinal)
            ? $"{name} <{sender}>"
            : $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{sender}>";
    }

    private static string Normal(string address) =>
        EmailAddress.TryNormalize(address, out var normal) ? normal : throw new FormatException("The text is no address.");

    private static string Mark(string effectKey) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(effectKey)).AsSpan(0, 16));
}
