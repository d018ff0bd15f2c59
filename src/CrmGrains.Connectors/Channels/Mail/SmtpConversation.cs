using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using CrmGrains.Core.Faults;

namespace CrmGrains.Connectors.Channels.Mail;

/// <summary>How to talk to a mail server.</summary>
/// <param name="Host">Its name, which its certificate has to show.</param>
/// <param name="IsTlsFirst">Whether TLS comes before the first word (port 465).</param>
/// <param name="IsTlsRequired">Whether nothing but the greeting is said without TLS.</param>
/// <param name="From">The sender's bare address.</param>
internal sealed record SmtpSettings(string Host, bool IsTlsFirst, bool IsTlsRequired, string? User, string? Password, string From);

/// <summary>
/// One conversation with a mail server (RFC 5321), for one mail. System.Net.Mail's client looks names up and connects by itself, where
/// nobody could check the address, and doesn't tell whether a mail broke off before its end or after it; here both are known.
/// </summary>
internal sealed class SmtpConversation(Stream connection, SmtpSettings settings, TimeSpan patience, TimeProvider time) : IAsyncDisposable
{
    // A server may look through a mail before it says whether it takes it.
    private const int PatienceWithContent = 3;

    private readonly SmtpLines _lines = new();
    private Stream _stream = connection;
    private IReadOnlyList<string> _offers = [];

    /// <summary>The latest answer; null before the first.</summary>
    public SmtpReply? LastReply { get; private set; }

    /// <summary>Whether the server has been told a mail's end, so that it may have taken it.</summary>
    public bool MayHaveTaken { get; private set; }

    /// <summary>Sends a mail.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">What answers is no mail server.</exception>
    /// <exception cref="TimeoutException">An answer took too long.</exception>
    public async Task<Verdict> SendAsync(string to, byte[] mail, string id, CancellationToken cancellationToken) =>
        await BeginAsync(cancellationToken)
        ?? await SayAsync($"RCPT TO:<{to}>", SmtpStep.Recipient, [250, 251], cancellationToken)
        ?? await SayAsync("DATA", SmtpStep.Data, [354], cancellationToken)
        ?? await TellAsync(mail, cancellationToken)
        ?? new Verdict.Done(id, "sent", LastReply?.Text);

    /// <summary>Goes as far as one can without a mail: whether the server lets us in, as this sender.</summary>
    public async Task<Verdict?> TryAsync(CancellationToken cancellationToken) => await BeginAsync(cancellationToken);

    /// <summary>Says goodbye, without waiting for the answer.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            if (LastReply is not null)
                await _stream.WriteAsync("QUIT\r\n"u8.ToArray(), moment.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException or NotSupportedException)
        {
            // It has gone already, or was cut off in the middle of a word.
        }

        await _stream.DisposeAsync();
    }

    private async Task<Verdict?> BeginAsync(CancellationToken cancellationToken)
    {
        if (settings.IsTlsFirst && await SecureAsync(cancellationToken) is { } insecure)
            return insecure;
        return await ExpectAsync(SmtpStep.Greeting, [220], patience, cancellationToken)
            ?? await HelloAsync(cancellationToken)
            ?? await StartTlsAsync(cancellationToken)
            ?? await AuthenticateAsync(cancellationToken)
            ?? await SayAsync($"MAIL FROM:<{settings.From}>", SmtpStep.Sender, [250], cancellationToken);
    }

    private async Task<Verdict?> HelloAsync(CancellationToken cancellationToken)
    {
        var domain = settings.From[(settings.From.LastIndexOf('@') + 1)..];
        var refused = await SayAsync($"EHLO {domain}", SmtpStep.Hello, [250], cancellationToken);
        _offers = LastReply?.Lines ?? [];
        return refused;
    }

    private async Task<Verdict?> StartTlsAsync(CancellationToken cancellationToken)
    {
        if (settings.IsTlsFirst || !settings.IsTlsRequired)
            return null;
        if (await SayAsync("STARTTLS", SmtpStep.StartTls, [220], cancellationToken) is { } refused)
            return refused;
        return _lines.HasMore
            ? new Verdict.Closed("tls_failed", "The server spoke on before TLS began; somebody may stand between.")
            : await SecureAsync(cancellationToken) ?? await HelloAsync(cancellationToken);
    }

    private async Task<Verdict?> SecureAsync(CancellationToken cancellationToken)
    {
        var secure = new SslStream(_stream);
        try
        {
            await InTimeAsync(
                token => secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = settings.Host }, token),
                patience, cancellationToken);
            _stream = secure;
            return null;
        }
        catch (AuthenticationException)
        {
            await secure.DisposeAsync();
            return new Verdict.Closed("tls_failed", "The server's certificate isn't trusted or is another host's.");
        }
    }

    private async Task<Verdict?> AuthenticateAsync(CancellationToken cancellationToken)
    {
        if (settings.User is not { } user || settings.Password is not { } password)
            return null;
        var mechanisms = _offers.FirstOrDefault(offer => offer.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase))?.ToUpperInvariant().Split(' ', '=') ?? [];
        if (mechanisms.Contains("PLAIN", StringComparer.Ordinal))
            return await SayAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", SmtpStep.Authentication, [235], cancellationToken);
        if (!mechanisms.Contains("LOGIN", StringComparer.Ordinal))
            return new Verdict.Closed("authentication_failed", "The server offers neither AUTH PLAIN nor AUTH LOGIN here.");
        return await SayAsync("AUTH LOGIN", SmtpStep.Authentication, [334], cancellationToken)
            ?? await SayAsync(Base64(user), SmtpStep.Authentication, [334], cancellationToken)
            ?? await SayAsync(Base64(password), SmtpStep.Authentication, [235], cancellationToken);
    }

    private async Task<Verdict?> TellAsync(byte[] mail, CancellationToken cancellationToken)
    {
        await InTimeAsync(token => _stream.WriteAsync(DotStuffed(mail), token).AsTask(), patience, cancellationToken);

        // From the first letter of the end on nobody knows, without an answer, whether the server has it.
        CrashPoint.Pass(CrashPoint.CrmBeforeCall);
        MayHaveTaken = true;
        await InTimeAsync(token => _stream.WriteAsync(".\r\n"u8.ToArray(), token).AsTask(), patience, cancellationToken);
        var refused = await ExpectAsync(SmtpStep.Content, [250], PatienceWithContent * patience, cancellationToken);
        CrashPoint.Pass(CrashPoint.CrmAfterCall);
        return refused;
    }

    private async Task<Verdict?> SayAsync(string line, SmtpStep step, IReadOnlyList<int> expected, CancellationToken cancellationToken)
    {
        await InTimeAsync(token => _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), token).AsTask(), patience, cancellationToken);
        return await ExpectAsync(step, expected, patience, cancellationToken);
    }

    private async Task<Verdict?> ExpectAsync(SmtpStep step, IReadOnlyList<int> expected, TimeSpan atMost, CancellationToken cancellationToken)
    {
        await InTimeAsync(async token => LastReply = await _lines.ReadAsync(_stream, token), atMost, cancellationToken);
        return LastReply is { } reply && !expected.Contains(reply.Code) ? reply.Refusal(step) : null;
    }

    private async Task InTimeAsync(Func<CancellationToken, Task> act, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await act(either.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No answer within {atMost.TotalSeconds:0.#} s.", late);
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // A line that begins with a dot would end the mail.
    private static byte[] DotStuffed(byte[] mail)
    {
        var stuffed = new List<byte>(mail.Length + 16);
        var isLineStart = true;
        foreach (var letter in mail)
        {
            if (isLineStart && letter == '.')
                stuffed.Add(letter);
            stuffed.Add(letter);
            isLineStart = letter == '\n';
        }

        return [.. stuffed];
    }
}
