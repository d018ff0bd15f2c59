using System.Text;
using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.Faults;

namespace CrmGrains.Sandbox.Channels;

/// <summary>
/// One conversation over SMTP. Receivers are named after what becomes of their mails: <c>busy@</c>, <c>full@</c>, <c>unknown@</c>,
/// <c>spam@</c>, <c>dropped@</c> (taken, and the connection cut without an answer), <c>lost@</c> (cut and not taken); a sender
/// <c>blocked@</c> is refused.
/// </summary>
internal sealed class MailSession(
    Stream stream, SandboxOptions options, ChannelBox box, EffectLog effects, FaultBox faults, TimeProvider time)
{
    private const int MaxLineBytes = 64 * 1024;
    private const int MaxMailBytes = 10 * 1024 * 1024;
    private const int MaxReceivers = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly byte[] _buffer = new byte[8192];
    private readonly List<string> _to = [];
    private int _at;
    private int _end;
    private string? _from;
    private bool _isLetIn = options.MailPassword.Length == 0;

    public async Task RunAsync(CancellationToken stopping)
    {
        await SayAsync("220 sandbox ready", stopping);
        while (await LineAsync(stopping) is { } bytes)
        {
            var line = Encoding.UTF8.GetString(bytes);
            if (faults.Take("SMTP", line) is { Kind: FaultKind.Status } fault)
            {
                await SayAsync($"{fault.Rule.Status ?? 451} 4.0.0 A fault was set", stopping);
                continue;
            }

            var verb = line.Split(' ', 2)[0].ToUpperInvariant();
            switch (verb)
            {
                case "QUIT":
                    await SayAsync("221 bye", stopping);
                    return;
                case "DATA" when _to.Count > 0:
                    if (!await TakeAsync(stopping)) return;
                    break;
                case "AUTH":
                    await AuthenticateAsync(line, stopping);
                    break;
                default:
                    await SayAsync(Answer(verb, line), stopping);
                    break;
            }
        }
    }

    private string Answer(string verb, string line)
    {
        switch (verb)
        {
            case "EHLO":
                Reset();
                return options.MailPassword.Length > 0 ? "250-sandbox\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME" : "250-sandbox\r\n250 8BITMIME";
            case "HELO" or "RSET" or "NOOP":
                Reset();
                return "250 ok";
            case "MAIL" when !_isLetIn:
                return "530 5.7.0 Authentication required";
            case "MAIL" when Address(line, "FROM:") is { } sender:
                if (sender.StartsWith("blocked@", StringComparison.OrdinalIgnoreCase)) return "553 5.7.1 Sender address rejected: not yours";
                _from = sender;
                return "250 ok";
            case "RCPT" when _from is not null && _to.Count < MaxReceivers && Address(line, "TO:") is { } receiver:
                if (Refusal(receiver) is { } refusal) return refusal;
                _to.Add(receiver);
                return "250 ok";
            case "MAIL" or "RCPT":
                return "501 5.5.4 That is no address, or out of order";
            case "DATA":
                return "503 5.5.1 First MAIL and RCPT";
            default:
                return "500 5.5.1 What is that?";
        }
    }

    private static string? Refusal(string receiver) => receiver.Split('@')[0].ToLowerInvariant() switch
    {
        "busy" => $"451 4.2.0 <{receiver}>: greylisted, come back later",
        "full" => $"452 4.2.2 <{receiver}>: the mailbox is full",
        "unknown" => $"550 5.1.1 <{receiver}>: no such user here",
        _ => null,
    };

    /// <returns>False where the connection is cut.</returns>
    private async Task<bool> TakeAsync(CancellationToken stopping)
    {
        await SayAsync("354 go ahead", stopping);
        using var mail = new MemoryStream();
        while (true)
        {
            if (await LineAsync(stopping) is not { } line) return false;
            if (line is [(byte)'.']) break;
            mail.Write(line is [(byte)'.', ..] ? line.AsSpan(1) : line);
            mail.Write("\r\n"u8);
            if (mail.Length > MaxMailBytes)
            {
                await SayAsync("552 5.3.4 The mail is too large", stopping);
                return false;
            }
        }

        var receiver = _to[0].Split('@')[0].ToLowerInvariant();
        var fault = faults.Take("SMTP", $"CONTENT {_to[0]}");
        if (receiver == "lost") return false;
        if (receiver == "spam" || fault is { Kind: FaultKind.Status })
        {
            await SayAsync(fault is { } set ? $"{set.Rule.Status} 4.0.0 A fault was set" : "554 5.7.1 It looks like spam", stopping);
            Reset();
            return true;
        }

        Keep(mail.ToArray());
        if (receiver == "dropped" || fault is { Kind: FaultKind.DropAfterSuccess }) return false;
        await SayAsync("250 2.0.0 queued", stopping);
        Reset();
        return true;
    }

    private void Keep(byte[] bytes)
    {
        var (now, read, from, to) = (time.GetUtcNow(), ReadMail.Of(bytes), _from ?? "", _to.ToList());
        box.Add(number => new TakenMail(
            number, now, from, to, read.Headers.GetValueOrDefault("message-id"), read.Headers.GetValueOrDefault("subject"), read.Text, read.Html,
            read.Headers));
        effects.Delivered("mail", read.Headers.GetValueOrDefault("message-id") ?? "", string.Join(", ", to), now);
    }

    private async Task AuthenticateAsync(string line, CancellationToken stopping)
    {
        var words = line.Split(' ');
        string given;
        if (words is [_, "PLAIN", var initial])
        {
            given = Decoded(initial).Split('\0') is [_, var user, var password] ? $"{user}\0{password}" : "";
        }
        else
        {
            await SayAsync("334 VXNlcm5hbWU6", stopping);
            var user = Decoded(Encoding.ASCII.GetString(await LineAsync(stopping) ?? []));
            await SayAsync("334 UGFzc3dvcmQ6", stopping);
            given = $"{user}\0{Decoded(Encoding.ASCII.GetString(await LineAsync(stopping) ?? []))}";
        }

        _isLetIn = given == $"{options.MailUser}\0{options.MailPassword}";
        await SayAsync(_isLetIn ? "235 2.7.0 welcome" : "535 5.7.8 Authentication credentials invalid", stopping);
    }

    private static string Decoded(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }

    private static string? Address(string line, string after)
    {
        var at = line.IndexOf(after, StringComparison.OrdinalIgnoreCase);
        var (begin, end) = (line.IndexOf('<', StringComparison.Ordinal), line.LastIndexOf('>'));
        return at > 0 && begin > at && end > begin + 1 && line[begin..end].Contains('@', StringComparison.Ordinal) ? line[(begin + 1)..end] : null;
    }

    private void Reset()
    {
        _from = null;
        _to.Clear();
    }

    private async Task SayAsync(string text, CancellationToken stopping) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), stopping);

    /// <returns>Without its end; null where the client has hung up.</returns>
    private async Task<byte[]?> LineAsync(CancellationToken stopping)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        var line = new List<byte>(80);
        while (true)
        {
            if (_at == _end)
            {
                (_at, _end) = (0, await stream.ReadAsync(_buffer, either.Token));
                if (_end == 0) return null;
            }

            var letter = _buffer[_at++];
            if (letter == '\n') return line is [.., (byte)'\r'] ? [.. line[..^1]] : [.. line];
            if (line.Count == MaxLineBytes) throw new IOException("The client's line has no end.");
            line.Add(letter);
        }
    }
}
