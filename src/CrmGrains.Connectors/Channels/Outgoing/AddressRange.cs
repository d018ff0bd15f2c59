using System.Net;
using System.Net.Sockets;

namespace CrmGrains.Connectors.Channels.Outgoing;

/// <summary>
/// Which addresses are of the public internet. Everything else may be a machine that trusts whoever can reach it: this one, its network,
/// the cloud's metadata service. Sources: the IANA registries of special-purpose addresses for IPv4 and IPv6.
/// </summary>
internal static class AddressRange
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. ((ReadOnlySpan<string>)
        [
            "0.0.0.0/8",        // this network; 0.0.0.0 reaches this machine
            "10.0.0.0/8",       // private
            "100.64.0.0/10",    // between a carrier and its customers; some clouds' metadata services are in it
            "127.0.0.0/8",      // loopback
            "169.254.0.0/16",   // link-local, with the metadata service of most clouds
            "172.16.0.0/12",    // private
            "192.0.0.0/24",     // protocol assignments
            "192.0.2.0/24",     // documentation
            "192.31.196.0/24",  // AS112
            "192.52.193.0/24",  // automatic multicast tunnels
            "192.88.99.0/24",   // what was 6to4's relay
            "192.168.0.0/16",   // private
            "192.175.48.0/24",  // AS112
            "198.18.0.0/15",    // benchmarks
            "198.51.100.0/24",  // documentation
            "203.0.113.0/24",   // documentation
            "224.0.0.0/4",      // multicast
            "240.0.0.0/4",      // reserved, and broadcast
        ]).ToArray().Select(range => IPNetwork.Parse(range)),
    ];

    // Of IPv6 only this is given out for the public internet; what is carved out of it isn't, or holds an IPv4 address that is looked at.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotGlobal =
    [
        .. ((ReadOnlySpan<string>)
        [
            "2001::/23",          // protocol assignments, with Teredo, which hides an IPv4 address
            "2001:db8::/32",      // documentation
            "2620:4f:8000::/48",  // AS112
            "3fff::/20",          // documentation
        ]).ToArray().Select(range => IPNetwork.Parse(range)),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Whether it is an address of the public internet.</summary>
    public static bool IsPublic(IPAddress address) => Plain(address) is { AddressFamily: AddressFamily.InterNetwork } four
        ? !NotPublic.Any(range => range.Contains(four))
        : Global.Contains(address) && !NotGlobal.Any(range => range.Contains(address));

    // An IPv4 address within an IPv6 one is what is reached in the end.
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : address;
    }
}
