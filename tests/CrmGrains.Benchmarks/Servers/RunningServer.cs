using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.Benchmarks.Servers;

/// <summary>A contender as a process of its own, with a PostgreSQL of its own in a temporary folder; stopped and removed on disposal.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private const int Terminate = 15;  // SIGTERM
    private const int KeptOutput = 16 * 1024;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;
    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly StringBuilder _output = new();
    private NpgsqlDataSource? _database;
    private HeldAccount? _account;

    private RunningServer(Contender contender, string folder, int port, TimeProvider time)
    {
        (Contender, _folder, _time) = (contender, folder, time);
        Address = new IPEndPoint(IPAddress.Loopback, port);
        _process = new Process { StartInfo = StartInfo(port) };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public Contender Contender { get; }

    public IPEndPoint Address { get; }

    public int ProcessId => _process.Id;

    /// <summary>The postmaster; the other processes of the server are its children.</summary>
    public int PostmasterId { get; private set; }

    /// <summary>The database, as its superuser.</summary>
    public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("The server isn't ready yet.");

    private string DataFolder => Path.Combine(_folder, "data");

    public static async Task<RunningServer> StartAsync(Contender contender, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("crmgrains-bench-").FullName;
        // PostgreSQL runs as another user where we are root, and has to get into its folder below.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var server = new RunningServer(contender, folder, FreePort(), time);
        try
        {
            server._process.Start();
            server._process.BeginOutputReadLine();
            server._process.BeginErrorReadLine();
            await server.ReadyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_account is not null)
            await _account.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        await StopAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ProcessStartInfo StartInfo(int port)
    {
        var isOurs = Contender == Contender.CrmGrains;
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, isOurs ? "crmgrains" : "CrmGrains.Benchmarks"))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false,
            WorkingDirectory = _folder,
        };
        string[] arguments = isOurs
            ? ["serve", "--roles", "all", "--urls", $"http://127.0.0.1:{port}", "--data", DataFolder,
               "--workspaces", Path.Combine(AppContext.BaseDirectory, "workspaces")]
            : ["baseline-server", Contender.ToString(), "--port", port.ToString(CultureInfo.InvariantCulture), "--data", DataFolder];
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        foreach (var name in Generator.OneThread.Keys)
            info.Environment.Remove(name);
        info.Environment["BENCH_SECRET"] = Deliveries.Secret;
        info.Environment["BENCH_CRM_TOKEN"] = "nobody-is-called";
        // How often it looks whether the account that the benchmark holds has become free.
        info.Environment["CRMGRAINS__Outbox__PollInterval"] = "00:00:20";
        return info;
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{Address}") };
        while (!await IsReadyAsync(http, cancellationToken))
        {
            if (_process.HasExited || _time.GetElapsedTime(began) > StartPatience)
                throw new BenchmarkException($"{Contender} didn't become ready. Its output:\n{Output()}");
            await Task.Delay(PollEvery, _time, cancellationToken);
        }

        if (PostmasterFile.Read(Path.Combine(DataFolder, "postgres")) is not { SocketFolder: { } socket } file)
            throw new BenchmarkException($"{Contender} has no PostgreSQL in {DataFolder}.");
        PostmasterId = file.Pid;
        _database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = socket, Database = "crmgrains", Username = "postgres", ApplicationName = "benchmark",
            SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable, CommandTimeout = 300,
        });
        if (Contender == Contender.CrmGrains)
            _account = await HeldAccount.TakeAsync(_database, _time, cancellationToken);
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task StopAsync()
    {
        try
        {
            Signal.Send(_process.Id, Terminate);
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(StopPatience, _time, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // It was never started.
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    // A port that nobody has at the moment. Nobody else is told it, so nobody else takes it in the second until it is used.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket.LocalEndPoint is IPEndPoint bound ? bound.Port : throw new BenchmarkException("There is no free port.");
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > KeptOutput)
                _output.Remove(0, _output.Length - KeptOutput);
        }
    }

    /// <summary>The end of what the process said.</summary>
    public string Output()
    {
        lock (_output)
            return _output.ToString();
    }
}

/// <summary>A measurement can't go on; the message says why.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
