using System.Net;
using System.Net.Sockets;
using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.Faults;

namespace CrmGrains.Sandbox.Channels;

/// <summary>A stand-in mail server: takes mails in over SMTP and delivers them to nobody.</summary>
internal sealed class MailServer(
    SandboxOptions options, ChannelBox box, EffectLog effects, FaultBox faults, TimeProvider time, ILogger<MailServer> log) : BackgroundService
{
    private const int MaxSessions = 100;

    private readonly SemaphoreSlim _room = new(MaxSessions, MaxSessions);
    private TcpListener? _listener;

    /// <summary>Where it listens, once it does.</summary>
    public int Port => (_listener?.LocalEndpoint as IPEndPoint)?.Port ?? 0;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = new TcpListener(AddressOf(options.Urls), options.SmtpPort ?? 0);
        _listener.Start();
        ChannelLog.Listens(log, Port);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener?.Dispose();
        _room.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener is not { } listener) return;
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                await _room.WaitAsync(stoppingToken);
                var client = await listener.AcceptTcpClientAsync(stoppingToken);
                sessions.RemoveAll(session => session.IsCompleted);
                sessions.Add(TalkAsync(client, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            listener.Stop();
            await Task.WhenAll(sessions);
        }
    }

    private async Task TalkAsync(TcpClient client, CancellationToken stoppingToken)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                await new MailSession(client.GetStream(), options, box, effects, faults, time).RunAsync(stoppingToken);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client went away or was too slow, or the server stops.
        }
        catch (Exception failure)
        {
            ChannelLog.SessionFailed(log, failure);
        }
        finally
        {
            _room.Release();
        }
    }

    // Beside the HTTP endpoints: what is open to others there is open here.
    private static IPAddress AddressOf(string urls)
    {
        var host = BindingAddress.Parse(urls.Split(';')[0]).Host;
        return IPAddress.TryParse(host, out var address) ? address
            : host is "localhost" ? IPAddress.Loopback
            : IPAddress.Any;
    }
}

internal static partial class ChannelLog
{
    [LoggerMessage(9201, LogLevel.Information, "The stand-in mail server listens on port {Port}.")]
    public static partial void Listens(ILogger log, int port);

    [LoggerMessage(9202, LogLevel.Error, "A conversation of the stand-in mail server failed inside the sandbox.")]
    public static partial void SessionFailed(ILogger log, Exception failure);
}
