using CrmGrains.Host.Access;
using CrmGrains.Runtime.Postgres;
using Npgsql;

namespace CrmGrains.Host.Health;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: it can do its work now.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Text("ok")).NeedsNoKey().ExcludeFromDescription();
        routes.MapGet("/readyz", ReadyAsync).NeedsNoKey().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var pending = await Migrations.CountPendingAsync(database, either.Token);
            return pending == 0
                ? TypedResults.Text("ready")
                : TypedResults.Text($"not ready: {pending} migrations are pending", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or TimeoutException or IOException)
        {
            return TypedResults.Text("not ready: the database doesn't answer", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
