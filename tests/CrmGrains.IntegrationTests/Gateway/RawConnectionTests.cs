using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CrmGrains.IntegrationTests.EndToEnd;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>Senders that don't keep to HTTP, or leave in the middle: the host stays well.</summary>
public sealed class RawConnectionTests(GatewayFixture gateway) : IClassFixture<GatewayFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("\u0016\u0003\u0001\u0002\u0000 this is no HTTP \u0000\u0000\r\n\r\n")]
    [InlineData("POST /v1/hooks/demo/diagnostic\r\n\r\n")]
    [InlineData("POST /v1/hooks/demo/diagnostic HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n")]
    [InlineData("POST /v1/hooks/demo/diagnostic HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task Garbage_is_answered_400_and_the_connection_closed(string text)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes(text));

        Assert.StartsWith("HTTP/1.1 400", await ReadAsync(socket), StringComparison.Ordinal);
        await IsWellAsync();
    }

    [Fact]
    public async Task A_sender_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind()
    {
        var stored = await gateway.StoredAsync();
        for (var number = 0; number < 20; number++)
        {
            using var socket = await ConnectAsync();
            await socket.SendAsync(Head(contentLength: 1000));
            await socket.SendAsync("{\"half\":"u8.ToArray());

            // Every second one is torn rather than closed.
            if (number % 2 == 0)
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await IsWellAsync();
        Assert.Equal(stored + 1, await gateway.StoredAsync());
    }

    [Fact]
    public async Task A_body_that_trickles_is_given_up_on_with_a_408()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Head(contentLength: 1000));
        await socket.SendAsync("{"u8.ToArray());

        var answer = await ReadAsync(socket);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        await IsWellAsync();
    }

    [Fact]
    public async Task Many_connections_that_say_nothing_keep_nobody_from_delivering()
    {
        var silent = new List<Socket>();
        try
        {
            for (var number = 0; number < 300; number++)
            {
                silent.Add(await ConnectAsync());
                await silent[^1].SendAsync("POST /v1/hooks/demo/diag"u8.ToArray());
            }

            await IsWellAsync();
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    private static byte[] Head(int contentLength)
    {
        var post = A.Lead with { DeliveryId = $"msg_{Guid.NewGuid():N}" };
        var head = new StringBuilder("POST /v1/hooks/demo/diagnostic HTTP/1.1\r\nHost: x\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {contentLength}\r\n");
        foreach (var (name, value) in Sender.Sign(post))
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }

    private async Task<Socket> ConnectAsync()
    {
        var url = new Uri(gateway.Installation.Host.Url);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port);
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
            text.Append(Encoding.ASCII.GetString(buffer.AsSpan(0, count)));
        return text.ToString();
    }

    /// <summary>It takes deliveries, and has nothing to complain of.</summary>
    private async Task IsWellAsync()
    {
        Assert.False((await gateway.Installation.Sender.SendAsync(A.Lead with { DeliveryId = $"msg_{Guid.NewGuid():N}" })).IsDuplicate);
        Assert.Empty(gateway.Installation.Host.Errors());
    }
}
