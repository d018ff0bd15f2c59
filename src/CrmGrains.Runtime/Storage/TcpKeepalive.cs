using Npgsql;

namespace CrmGrains.Runtime.Storage;

/// <summary>Finds out about a server that is gone without a word.</summary>
public static class TcpKeepalive
{
    /// <summary>Probes the connection after 3 seconds of silence, every second. A Unix socket has nothing to probe and refuses the option.</summary>
    public static NpgsqlConnectionStringBuilder WithTcpKeepalive(this NpgsqlConnectionStringBuilder settings)
    {
        var isSocket = settings.Host is { Length: > 0 } host && host[0] is '/' or '@';
        if (isSocket)
            return settings;
        settings.TcpKeepAlive = true;
        settings.TcpKeepAliveTime = 3;
        settings.TcpKeepAliveInterval = 1;
        return settings;
    }
}
