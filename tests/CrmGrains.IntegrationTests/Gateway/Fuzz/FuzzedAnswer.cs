using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>What came back: an answer, several where a connection carried several requests, or none where it was closed.</summary>
internal sealed partial class FuzzedAnswer
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(30);

    private FuzzedAnswer(IReadOnlyList<int> statuses, string text, bool isReset)
    {
        (Statuses, IsReset) = (statuses, isReset);
        Receipts =
        [
            .. InBody().Matches(text).Concat(InHeaders().Matches(text)).Select(match => (
                Guid.Parse(match.Groups["id"].Value), match.Groups["duplicate"].Value == "true")),
        ];
        RetriesLater = text.Contains("Retry-After:", StringComparison.OrdinalIgnoreCase);
    }

    public IReadOnlyList<int> Statuses { get; }

    /// <summary>Whether the connection was torn, so that an answer may have been lost.</summary>
    public bool IsReset { get; }

    /// <summary>The events that the sender was told of.</summary>
    public IReadOnlyList<(Guid EventId, bool IsDuplicate)> Receipts { get; }

    public bool RetriesLater { get; }

    /// <summary>Sends a request over HTTP, as it should be.</summary>
    /// <exception cref="OperationCanceledException">Nothing came in time.</exception>
    public static async Task<FuzzedAnswer> OfAsync(HttpClient http, string url, FuzzedRequest request)
    {
        using var patience = new CancellationTokenSource(AtMost);
        using var message = new HttpRequestMessage(
            new HttpMethod(request.Method), new Uri(url + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        message.Content = new ByteArrayContent(request.Body);
        message.Headers.TransferEncodingChunked = request.IsChunked;
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(message, patience.Token);
        var text = $"{response.Headers}\n{await response.Content.ReadAsStringAsync(patience.Token)}";
        return new([(int)response.StatusCode], text, isReset: false);
    }

    /// <summary>Sends bytes and says that there are no more of them.</summary>
    /// <exception cref="OperationCanceledException">The connection was neither answered nor closed in time.</exception>
    public static async Task<FuzzedAnswer> OfAsync(Uri url, byte[] bytes)
    {
        using var patience = new CancellationTokenSource(AtMost);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port, patience.Token);
        var (text, buffer, isReset) = (new StringBuilder(), new byte[4096], false);
        var sent = SendAsync(socket, bytes, patience.Token);
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
                text.Append(Encoding.Latin1.GetString(buffer.AsSpan(0, count)));
        }
        catch (SocketException)
        {
            isReset = true;
        }

        isReset |= !await sent;
        var all = text.ToString();
        return new([.. StatusLine().Matches(all).Select(match => int.Parse(match.Groups["status"].Value, CultureInfo.InvariantCulture))], all, isReset);
    }

    private static async Task<bool> SendAsync(Socket socket, byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var rest = bytes.AsMemory(); rest.Length > 0;)
                rest = rest[await socket.SendAsync(rest, cancellationToken)..];
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex("""\"event_id\":\"(?<id>[0-9a-f-]{36})\",\"duplicate\":(?<duplicate>true|false)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InBody();

    [GeneratedRegex(@"X-CrmGrains-Event-Id: (?<id>[0-9a-f-]{36})\s+X-CrmGrains-Duplicate: (?<duplicate>true|false)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InHeaders();

    [GeneratedRegex(@"HTTP/1\.1 (?<status>[0-9]{3}) ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatusLine();
}
