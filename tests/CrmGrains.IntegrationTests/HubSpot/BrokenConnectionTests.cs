using System.Net;
using System.Net.Sockets;
using System.Text;
using CrmGrains.Connectors;

namespace CrmGrains.IntegrationTests.HubSpot;

/// <summary>A server that says only what HTTP is made of, to break connections at a chosen byte.</summary>
public sealed class BrokenConnectionTests : HubSpotTest
{
    private const string Created = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"results\":[]}";

    [Theory]
    [InlineData("")]                              // closed in good order before a byte of the answer
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]  // in the headers
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"results\"")]  // in the body
    public async Task A_create_on_a_kept_connection_that_breaks_is_sent_once_and_is_uncertain(string cut)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var requests = 0;
        using var stop = new CancellationTokenSource();
        var server = ServeAsync();
        using var crm = (IDisposable)CrmGrains.Connectors.HubSpot.HubSpotConnector.Create(
            Account, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", () => "t", TimeProvider.System, () => 0,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var write = Of(Note(), null, (ContactRef(), "1"));

        await ((IConnector)crm).WriteAsync([write], Log, CancellationToken.None);
        var outcome = Assert.Single(await ((IConnector)crm).WriteAsync([write], Log, CancellationToken.None));

        Assert.Equal(2, requests);
        Assert.True(Assert.IsType<WriteOutcome.Retryable>(outcome).IsUncertain);
        await stop.CancelAsync();
        listener.Stop();
        await server;

        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync(stop.Token);
                    var stream = client.GetStream();
                    while (await ReadRequestAsync(stream))
                    {
                        var answer = ++requests == 2 ? cut : Created;
                        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop.Token);
                        if (requests >= 2)
                            break;
                    }
                }
            }
            catch (Exception ended) when (
                ended is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        async Task<bool> ReadRequestAsync(NetworkStream stream)
        {
            var (text, buffer) = (new StringBuilder(), new byte[4096]);
            while (true)
            {
                var read = await stream.ReadAsync(buffer, stop.Token);
                if (read == 0)
                    return false;
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
                var (all, end) = (text.ToString(), text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal));
                const string header = "Content-Length: ";
                if (end < 0)
                    continue;
                var at = all.IndexOf(header, StringComparison.Ordinal);
                var length = at < 0 ? 0 : int.Parse(all[(at + header.Length)..all.IndexOf("\r\n", at, StringComparison.Ordinal)]);
                if (all.Length >= end + 4 + length)
                    return true;
            }
        }
    }
}
