using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Servers;
using CrmGrains.Runtime.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmGrains.Benchmarks.Baselines;

/// <summary>A plain ASP.NET Core handler that does within each request what CrmGrains does; with an embedded PostgreSQL of the same settings.</summary>
internal static class BaselineServer
{
    // Npgsql's default of 100 is all that the server has, and some are PostgreSQL's own.
    private const int PlainConnections = 90;

    // A few for each core: requests wait for a connection rather than PostgreSQL for a core.
    private const int TunedConnections = 16;

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Deliveries.Secret);

    public static async Task RunAsync(Contender contender, int port, string data, CancellationToken cancellationToken)
    {
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = data }, NullLogger.Instance, TimeProvider.System, cancellationToken);
        await using var database = NpgsqlDataSource.Create(Connection(contender, postgres.ConnectionString));
        await using (var schema = database.CreateCommand(BaselineSchema.Sql))
            await schema.ExecuteNonQueryAsync(cancellationToken);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        Func<NpgsqlDataSource, BaselineEvent, CancellationToken, Task<BaselineAnswer>> handle = contender switch
        {
            Contender.Dapper => DapperHandler.PlainAsync,
            Contender.DapperTuned => DapperHandler.TunedAsync,
            _ => FunctionHandler.HandleAsync,
        };
        app.MapGet("/readyz", () => TypedResults.Ok());
        app.MapPost(Hook.Main.Path, async (HttpContext context) =>
        {
            var body = await BodyAsync(context.Request, context.RequestAborted);
            if (!IsSigned(body, context.Request.Headers["X-Signature"].ToString()))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            var received = BaselineEvent.Read(body, $$"""{"content-type":"{{context.Request.ContentType}}"}""", TimeProvider.System.GetUtcNow());
            var answer = await handle(database, received, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            await context.Response.WriteAsJsonAsync(answer, BaselineJson.Default.BaselineAnswer, cancellationToken: context.RequestAborted);
        });
        await app.RunAsync(cancellationToken);
    }

    private static NpgsqlConnectionStringBuilder Connection(Contender contender, string connectionString) => contender == Contender.Dapper
        ? new(connectionString) { MaxPoolSize = PlainConnections }
        : new(connectionString)
        {
            MaxPoolSize = TunedConnections, MaxAutoPrepare = 32, AutoPrepareMinUsages = 2, NoResetOnClose = true,
        };

    private static async ValueTask<byte[]> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsSigned(byte[] body, string signature)
    {
        Span<byte> claimed = stackalloc byte[32];
        return Convert.FromHexString(signature, claimed, out _, out var length) == OperationStatus.Done && length == 32
            && CryptographicOperations.FixedTimeEquals(claimed, HMACSHA256.HashData(Key, body));
    }
}
