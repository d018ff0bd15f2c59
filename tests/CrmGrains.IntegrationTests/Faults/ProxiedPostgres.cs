using System.Net;
using System.Net.Sockets;
using CrmGrains.FaultProxy;
using Npgsql;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>A way to the test server that can be disturbed.</summary>
internal sealed class ProxiedPostgres : IAsyncDisposable
{
    private ProxiedPostgres(TcpProxy proxy, string connectionString) => (Proxy, ConnectionString) = (proxy, connectionString);

    public TcpProxy Proxy { get; }

    /// <summary>Of the database, through the proxy.</summary>
    public string ConnectionString { get; }

    /// <param name="connectionString">Of the database, without it.</param>
    public static ProxiedPostgres Before(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { SslMode = SslMode.Disable };
        var host = settings.Host ?? "127.0.0.1";
        EndPoint server = host.StartsWith('/')
            ? new UnixDomainSocketEndPoint(Path.Combine(host, $".s.PGSQL.{settings.Port}"))
            : new IPEndPoint(Dns.GetHostAddresses(host, AddressFamily.InterNetwork)[0], settings.Port);
        var random = new Random(1);
        var proxy = TcpProxy.Start(server, TimeProvider.System, () =>
        {
            lock (random)
                return random.NextDouble();
        });
        (settings.Host, settings.Port) = ("127.0.0.1", proxy.Port);
        return new ProxiedPostgres(proxy, settings.ConnectionString);
    }

    public ValueTask DisposeAsync() => Proxy.DisposeAsync();
}
