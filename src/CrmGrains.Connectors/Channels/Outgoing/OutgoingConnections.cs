using System.Net;
using System.Net.Sockets;

namespace CrmGrains.Connectors.Channels.Outgoing;

/// <summary>
/// Makes the connections of channels, and no others than those that may be made. A name is resolved once for each connection and what is
/// looked at is the very address that is connected to, so a name that means something else a moment later (DNS rebinding) gains nothing.
/// </summary>
internal sealed class OutgoingConnections(bool allowPrivate, TimeSpan timeout, TimeProvider time)
{
    private const int MaxAddresses = 8;

    /// <summary>Asks the DNS; a literal address is answered as it is.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Connects to an address that was found to be good.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Dial { get; init; } = DialAsync;

    /// <summary>Connects to the first address of a host that answers.</summary>
    /// <param name="isPrivateOnly">Whether it must not be a public address, because what is said there is said in the clear.</param>
    /// <exception cref="AddressRefusedException">The host has no address that may be called.</exception>
    /// <exception cref="SocketException">None of its addresses answers, or there is no such host.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, bool isPrivateOnly, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var found = await Resolve(host.Trim('[', ']'), either.Token);
            var allowed = found.Where(address => AddressRange.IsPublic(address) ? !isPrivateOnly : allowPrivate).Take(MaxAddresses).ToList();
            if (found.Length > 0 && allowed.Count == 0)
                throw new AddressRefusedException(isPrivateOnly && found.Any(AddressRange.IsPublic));
            return await FirstAsync(allowed, port, either.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No connection within {timeout.TotalSeconds:0.#} s.", late);
        }
    }

    private async Task<Stream> FirstAsync(List<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        var last = new SocketException((int)SocketError.HostNotFound);
        foreach (var address in addresses)
        {
            try
            {
                return await Dial(new IPEndPoint(address, port), cancellationToken);
            }
            catch (SocketException refused)
            {
                last = refused;
            }
        }

        throw last;
    }

    private static async Task<Stream> DialAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host has no address that may be called. Says nothing of the addresses: they tell how the network is built.</summary>
internal sealed class AddressRefusedException(bool isInTheClear) : Exception(isInTheClear
    ? "The address is public, and without TLS nothing is sent there. Set `tls: required`."
    : "The address is not a public one. If it is meant, set `allow_private` for the channel and Channels:AllowPrivate for the process.");
