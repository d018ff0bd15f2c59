using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Faults;
using CrmGrains.Host.Access;
using CrmGrains.Host.Configuration;
using CrmGrains.Intake.Inbox;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Gateway;

/// <summary>
/// <c>POST /v1/hooks/{workspace}/{source}</c>: verified over the exact bytes, stored, and only then acknowledged. Nothing is decided
/// here, and of the body no more is read than whether it is one.
/// </summary>
internal sealed class HookEndpoint(
    IWorkspaces workspaces,
    Secrets secrets,
    IntakeQueues queues,
    DeliveryInbox inbox,
    GatewayMetrics metrics,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<HookEndpoint> logger)
{
    public const string Route = "/v1/hooks/{workspace}/{source}";

    /// <summary>What sources that nobody configured are counted as.</summary>
    public const string Unconfigured = "unknown";

    private const int MaxDeliveryIdLength = 400;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost(Route, (string workspace, string source, HttpContext context, HookEndpoint hooks) =>
            hooks.ReceiveAsync(workspace, source, context))
        .NeedsNoKey()
        .WithName("ReceiveDelivery")
        .WithSummary("Takes a delivery in: authenticated by the source's signature, durable once it is answered.")
        .Produces<HookAnswer>(StatusCodes.Status202Accepted)
        .Produces<HookAnswer>(StatusCodes.Status200OK)
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .ShortCircuit();  // signatures are checked here and errors answered here: no middleware has a word in it

    private async Task ReceiveAsync(string workspace, string source, HttpContext context)
    {
        if (HookSource.Find(workspaces, workspace, source) is not { } hook)
        {
            metrics.Answered(Unconfigured, Unconfigured, HookProblem.UnknownSource.Status, HookProblem.UnknownSource.Code);
            await HookProblem.UnknownSource.WriteAsync(context);
            return;
        }

        HookProblem? problem;
        try
        {
            problem = await RequestBody.ReadAsync(context.Request, options.Value.MaxBodyBytes, context.RequestAborted) is { } body
                ? await TakeAsync(hook, workspace, context, body)
                : HookProblem.TooLarge(options.Value.MaxBodyBytes);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            metrics.Answered(workspace, source, StatusCodes.Status499ClientClosedRequest, "sender_gone");
            return;
        }
        catch (BadHttpRequestException exception)
        {
            problem = exception.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => HookProblem.TooLarge(options.Value.MaxBodyBytes),
                StatusCodes.Status408RequestTimeout => HookProblem.TooSlow,
                _ => HookProblem.BadBody("bad_request", "The request isn't well formed."),
            };
        }
        catch (InboxUnavailableException exception)
        {
            problem = exception.IsOverload ? HookProblem.Overloaded : HookProblem.Unavailable;
        }
        catch (Exception exception)
        {
            // A sender whose delivery we can't judge shall come again; it may not be our last word that it is wrong.
            logger.DeliveryFailed(workspace, source, exception);
            problem = HookProblem.Unavailable;
        }

        if (problem is null)
            return;
        if (hook.Manners.IsMail)
            problem = problem.ForMail;
        metrics.Answered(workspace, source, problem.Status, problem.Code);
        await problem.WriteAsync(context);
    }

    // Null where the sender was answered.
    private async Task<HookProblem?> TakeAsync(HookSource hook, string workspace, HttpContext context, byte[] body)
    {
        var began = time.GetTimestamp();
        var (request, source) = (context.Request, hook.Configuration.Name);
        var signed = new SignedRequest(body, name => request.Headers[name]) { Method = request.Method, Query = request.QueryString.Value ?? "" };
        if (Verify(hook, workspace, signed, out var verified, out var secret) is { } refused)
            return refused;

        if (hook.Handshake?.Answer(signed, secret) is { } answer)
        {
            metrics.Answered(workspace, source, StatusCodes.Status200OK, "handshake");
            await HookAnswer.WriteAsync(context, answer);
            return null;
        }

        // Mail that can't be read is a review item; its sender couldn't do anything about it.
        if (!hook.Manners.IsMail && hook.Body.FaultOf(body, request.ContentType) is { } fault)
            return HookProblem.BadBody(fault.Code, fault.Message);

        var receipt = await inbox.StoreAsync(await DeliveryAsync(hook, workspace, request, signed, body, verified), context.RequestAborted);
        metrics.Accepted(
            workspace, source, HookAnswer.StatusOf(hook.Manners.Accepted),
            receipt.IsDuplicate ? "duplicate" : hook.Configuration.IsPaused ? "parked" : "accepted", time.GetElapsedTime(began));
        CrashPoint.Pass(CrashPoint.GatewayBeforeAnswer);
        await HookAnswer.WriteAsync(context, hook.Manners.Accepted, receipt);
        return null;
    }

    private HookProblem? Verify(
        HookSource hook, string workspace, SignedRequest signed, out VerificationResult.Verified verified, out string secret)
    {
        (verified, secret) = (new VerificationResult.Verified(hook.Scheme.Name, 0, null, null), "");
        IReadOnlyList<string> valid;
        try
        {
            valid = [.. hook.Configuration.Verification.Secrets.Select(secrets.Resolve)];
        }
        catch (SecretMissingException exception)
        {
            logger.SecretMissing(workspace, hook.Configuration.Name, exception.Message);
            return HookProblem.NoSecret;
        }

        switch (hook.Scheme.Verify(signed, valid, time.GetUtcNow()))
        {
            case VerificationResult.Verified ok:
                (verified, secret) = (ok, valid[ok.SecretIndex]);
                return null;
            case VerificationResult.Refused { Code: "no_secret" } refused:
                logger.SecretMissing(workspace, hook.Configuration.Name, refused.Message);
                return HookProblem.NoSecret;
            case VerificationResult.Refused refused:
                return HookProblem.Refused(refused.Code, refused.Message);
            case var other:
                throw new UnreachableException($"Nothing is known of {other.GetType().Name}.");
        }
    }

    private async ValueTask<Delivery> DeliveryAsync(
        HookSource hook, string workspace, HttpRequest request, SignedRequest signed, byte[] body, VerificationResult.Verified verified)
    {
        var hash = SHA256.HashData(body);
        return new Delivery
        {
            EventId = Guid.CreateVersion7(time.GetUtcNow()),
            Partition = await queues.PartitionOfAsync(workspace, hook.Configuration.Name, request.HttpContext.RequestAborted),
            Workspace = workspace,
            DeliveryId = Bounded(DeliveryId.Of(hook.Configuration, verified, signed)) ?? $"sha256:{Convert.ToHexStringLower(hash)}",
            ContentType = request.ContentType,
            Headers = KeptHeaders.Of(request.Headers, hook.Scheme.Credential),
            Verification = $"{verified.Scheme}, secret {verified.SecretIndex + 1} of {hook.Configuration.Verification.Secrets.Count}",
            Body = body,
            BodyHash = hash,
        };
    }

    // A signed id is as long as its sender likes; an index row isn't.
    private static string? Bounded(string? id) =>
        id is { Length: > MaxDeliveryIdLength } ? $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}" : id;
}
