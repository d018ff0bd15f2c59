using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Faults;
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
    private const string Unconfigured = "unknown";
    private const int MaxDeliveryIdLength = 400;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/hooks/{workspace}/{source}", (string workspace, string source, HttpContext context, HookEndpoint hooks) =>
            hooks.ReceiveAsync(workspace, source, context))
        .AllowAnonymous()
        .WithName("ReceiveDelivery")
        .WithSummary("Takes a delivery in: authenticated by the source's signature, durable once it is answered.")
        .Produces<HookAnswer>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private async Task ReceiveAsync(string workspace, string source, HttpContext context)
    {
        if (HookSource.Find(workspaces, workspace, source) is not { } hook)
        {
            await AnswerAsync(context, Unconfigured, Unconfigured, HookProblem.UnknownSource);
            return;
        }

        HookProblem problem;
        try
        {
            var body = await RequestBody.ReadAsync(context.Request, options.Value.MaxBodyBytes, context.RequestAborted);
            var began = time.GetTimestamp();
            if (Read(hook, workspace, context.Request, body, out var verified) is { } refused)
            {
                problem = refused;
            }
            else
            {
                var receipt = await inbox.StoreAsync(
                    await DeliveryAsync(hook, workspace, context.Request, body ?? [], verified, context.RequestAborted), context.RequestAborted);
                metrics.Accepted(workspace, source, receipt.IsDuplicate, time.GetElapsedTime(began));
                CrashPoint.Pass(CrashPoint.GatewayBeforeAnswer);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                await context.Response.WriteAsJsonAsync(
                    new HookAnswer(receipt.EventId, receipt.IsDuplicate), GatewayJson.Default.HookAnswer, cancellationToken: context.RequestAborted);
                return;
            }
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

        await AnswerAsync(context, workspace, source, problem);
    }

    private HookProblem? Read(
        HookSource hook, string workspace, HttpRequest request, byte[]? body, out VerificationResult.Verified verified)
    {
        verified = new VerificationResult.Verified(hook.Scheme.Name, 0, null, null);
        if (body is null)
            return HookProblem.TooLarge(options.Value.MaxBodyBytes);
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

        var result = hook.Scheme.Verify(new SignedRequest(body, name => request.Headers[name]), valid, time.GetUtcNow());
        switch (result)
        {
            case VerificationResult.Refused { Code: "no_secret" } refused:
                logger.SecretMissing(workspace, hook.Configuration.Name, refused.Message);
                return HookProblem.NoSecret;
            case VerificationResult.Refused refused:
                return HookProblem.Refused(refused.Code, refused.Message);
            case VerificationResult.Verified ok:
                verified = ok;
                break;
        }

        if (!StrictJson.TryParse(body, out var document, out var fault))
            return HookProblem.BadBody(fault.Code, fault.Message);
        document.Dispose();
        return null;
    }

    private async ValueTask<Delivery> DeliveryAsync(
        HookSource hook, string workspace, HttpRequest request, byte[] body, VerificationResult.Verified verified, CancellationToken cancellationToken)
    {
        var hash = SHA256.HashData(body);
        return new Delivery
        {
            EventId = Guid.CreateVersion7(time.GetUtcNow()),
            Partition = await queues.PartitionOfAsync(workspace, hook.Configuration.Name, cancellationToken),
            Workspace = workspace,
            DeliveryId = Bounded(DeliveryId.Of(hook.Configuration, verified, new SignedRequest(body, name => request.Headers[name])))
                ?? $"sha256:{Convert.ToHexStringLower(hash)}",
            ContentType = request.ContentType,
            Headers = KeptHeaders.Of(request.Headers),
            Verification = $"{verified.Scheme}, secret {verified.SecretIndex + 1} of {hook.Configuration.Verification.Secrets.Count}",
            Body = body,
            BodyHash = hash,
        };
    }

    // A signed id is as long as its sender likes; an index row isn't.
    private static string? Bounded(string? id) =>
        id is { Length: > MaxDeliveryIdLength } ? $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}" : id;

    private Task AnswerAsync(HttpContext context, string workspace, string source, HookProblem problem)
    {
        metrics.Answered(workspace, source, problem.Status, problem.Code);
        return problem.WriteAsync(context);
    }
}

/// <summary>What a sender whose delivery is stored is told.</summary>
internal sealed record HookAnswer(Guid EventId, bool Duplicate);

/// <summary>The gateway's answers: JSON in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HookAnswer))]
internal sealed partial class GatewayJson : JsonSerializerContext;
