using System.Net;
using System.Net.Sockets;
using CrmGrains.Connectors.Channels.Outgoing;

namespace CrmGrains.Tests.Channels;

public sealed class OutgoingConnectionsTests
{
    private const string Public = "1.1.1.1";

    private readonly List<IPEndPoint> _dialed = [];
    private int _resolved;

    [Fact]
    public async Task A_name_that_turns_private_between_two_questions_is_connected_to_as_it_was_looked_at_and_refused_the_next_time()
    {
        var connections = Connections(allowPrivate: false, [Public], ["169.254.169.254"]);

        await connections.ConnectAsync("rebinding.test", 443, isPrivateOnly: false, CancellationToken.None);

        Assert.Equal((1, $"{Public}:443"), (_resolved, Assert.Single(_dialed).ToString()));
        await Assert.ThrowsAsync<AddressRefusedException>(
            () => connections.ConnectAsync("rebinding.test", 443, isPrivateOnly: false, CancellationToken.None));
        Assert.Single(_dialed);
    }

    [Fact]
    public async Task Of_several_addresses_none_but_the_public_ones_is_tried()
    {
        var connections = Connections(allowPrivate: false, ["10.0.0.1", Public, "::1"]);

        await connections.ConnectAsync("mixed.test", 80, isPrivateOnly: false, CancellationToken.None);

        Assert.Equal([Public], _dialed.Select(point => point.Address.ToString()));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("localhost")]
    public async Task A_literal_or_local_name_is_refused_too(string host)
    {
        var connections = new OutgoingConnections(allowPrivate: false, TimeSpan.FromSeconds(30), TimeProvider.System) { Dial = DialAsync };

        await Assert.ThrowsAsync<AddressRefusedException>(() => connections.ConnectAsync(host, 80, isPrivateOnly: false, CancellationToken.None));

        Assert.Empty(_dialed);
    }

    [Fact]
    public async Task A_private_address_is_connected_to_where_it_is_allowed()
    {
        await Connections(allowPrivate: true, ["127.0.0.1"]).ConnectAsync("house.test", 25, isPrivateOnly: true, CancellationToken.None);

        Assert.Single(_dialed);
    }

    [Fact]
    public async Task What_goes_in_the_clear_never_goes_to_a_public_address()
    {
        var connections = Connections(allowPrivate: true, [Public]);

        var refused = await Assert.ThrowsAsync<AddressRefusedException>(
            () => connections.ConnectAsync("mail.test", 25, isPrivateOnly: true, CancellationToken.None));

        Assert.Contains("tls: required", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_dialed);
    }

    [Fact]
    public async Task An_address_that_does_not_answer_gives_way_to_the_next()
    {
        var connections = new OutgoingConnections(allowPrivate: false, TimeSpan.FromSeconds(30), TimeProvider.System)
        {
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8"), IPAddress.Parse(Public)]),
            Dial = (point, token) => point.Address.ToString() == Public
                ? DialAsync(point, token)
                : throw new SocketException((int)SocketError.ConnectionRefused),
        };

        await connections.ConnectAsync("two.test", 80, isPrivateOnly: false, CancellationToken.None);

        Assert.Single(_dialed);
    }

    private OutgoingConnections Connections(bool allowPrivate, params string[][] answers) =>
        new(allowPrivate, TimeSpan.FromSeconds(30), TimeProvider.System)
        {
            Resolve = (_, _) => Task.FromResult(answers[Math.Min(_resolved++, answers.Length - 1)].Select(IPAddress.Parse).ToArray()),
            Dial = DialAsync,
        };

    private Task<Stream> DialAsync(IPEndPoint point, CancellationToken cancellationToken)
    {
        _dialed.Add(point);
        return Task.FromResult(Stream.Null);
    }
}
