using System.Text;

namespace CrmGrains.Connectors.Channels.Mail;

/// <summary>Reads a mail server's answers off a connection, no more than a decent server says. A longer one is an error.</summary>
internal sealed class SmtpLines
{
    private const int MaxLineBytes = 2048;
    private const int MaxLines = 128;

    private readonly byte[] _buffer = new byte[4096];
    private int _at;
    private int _end;

    /// <summary>
    /// Whether something was said that nobody asked for. Before TLS begins there must be nothing: it was said in the clear, by anyone.
    /// </summary>
    public bool HasMore => _at < _end;

    /// <summary>An answer of one line or several.</summary>
    /// <exception cref="InvalidDataException">It is no answer of a mail server.</exception>
    /// <exception cref="EndOfStreamException">The connection ended.</exception>
    public async Task<SmtpReply> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await LineAsync(stream, cancellationToken);
            if (line.Length < 3 || !line.AsSpan(0, 3).ContainsOnlyDigits() || (line.Length > 3 && line[3] is not (' ' or '-')) || lines.Count == MaxLines)
                throw new InvalidDataException("What answers is no mail server.");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply(int.Parse(line.AsSpan(0, 3)), lines);
        }
    }

    private async Task<string> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new List<byte>(80);
        while (true)
        {
            if (_at == _end)
            {
                (_at, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
                if (_end == 0)
                    throw new EndOfStreamException("The server closed the connection.");
            }

            var letter = _buffer[_at++];
            if (letter == '\n')
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            if (line.Count == MaxLineBytes)
                throw new InvalidDataException("What answers is no mail server: its line has no end.");
            line.Add(letter);
        }
    }
}

internal static class Digits
{
    public static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
