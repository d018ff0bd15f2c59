using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.HubSpot.Answers;
using Microsoft.AspNetCore.Http.Features;

namespace CrmGrains.Sandbox.Faults;

/// <summary>Makes calls go wrong as the faults say.</summary>
internal sealed class FaultInjector(RequestDelegate next, FaultBox faults, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(120);

    public async Task InvokeAsync(HttpContext context)
    {
        var pathAndQuery = context.Request.Path + context.Request.QueryString.ToString();
        if (faults.Take(context.Request.Method, pathAndQuery) is not var (rule, kind))
        {
            await next(context);
            return;
        }

        var call = CallRecord.Of(context);
        call.Fault = kind;
        if (rule.DelayMs is { } delay and > 0) await Task.Delay(TimeSpan.FromMilliseconds(delay), time, context.RequestAborted);
        if (rule.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();

        switch (kind)
        {
            case FaultKind.Status:
                await FaultAnswers.Of(rule).ExecuteAsync(context);
                break;
            case FaultKind.Timeout:
                call.IsHeld = call.IsCut = true;
                await HoldAsync(context);
                break;
            case FaultKind.Garbage:
                await TypedResults.Content("<html><body>Something else answered.</body></html>", "text/html").ExecuteAsync(context);
                break;
            case FaultKind.DropAfterSuccess:
                call.IsCut = true;
                context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
                await next(context);
                break;
            case FaultKind.Partial:
                call.PartialFault = FaultAnswers.OfRow(rule);
                await next(context);
                break;
            default:
                await next(context);
                break;
        }
    }

    private async Task HoldAsync(HttpContext context)
    {
        // A server that stops lets the held calls go.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await Task.Delay(LongestHold, time, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The caller went away or the server stops, which ends the hold just as well.
        }
    }
}
