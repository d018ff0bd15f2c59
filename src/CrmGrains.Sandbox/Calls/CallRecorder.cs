using CrmGrains.Sandbox.Channels;
using CrmGrains.Sandbox.HubSpot;

namespace CrmGrains.Sandbox.Calls;

/// <summary>Records every call to a stand-in; calls to the sandbox itself leave no trace.</summary>
internal sealed class CallRecorder(RequestDelegate next, CallLog log, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var call = new CallRecord();
        context.Features.Set(call);
        if (!context.Request.Path.StartsWithSegments("/crm", StringComparison.OrdinalIgnoreCase) && !ChannelEndpoints.IsChannel(context))
        {
            await next(context);
            return;
        }

        var startedAt = time.GetUtcNow();
        var start = time.GetTimestamp();
        var isRecorded = false;

        // Recorded before the first byte leaves, so that whoever has the answer finds its call in the log.
        context.Response.OnStarting(() =>
        {
            Record();
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
        }
        finally
        {
            Record();
            if (call.IsCut) context.Abort();
        }

        void Record()
        {
            if (isRecorded) return;
            isRecorded = true;
            log.Add(new EndedCall(
                startedAt,
                context.Request.Method,
                context.Request.Path + context.Request.QueryString.ToString(),
                RouteOf(context),
                call.IsHeld ? 0 : context.Response.StatusCode,
                time.GetElapsedTime(start).TotalMilliseconds,
                call.RecordIds,
                call.Fault));
        }
    }

    // Types are filled in because calls are compared by them; ids are not, so the number of routes stays small.
    private static string RouteOf(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint) return "(none)";
        var route = (endpoint.RoutePattern.RawText ?? "").Replace($":{ApiVersion.Name}", "", StringComparison.Ordinal).TrimEnd('/');
        foreach (var name in new[] { "type", "from", "to" })
            if (ObjectType.Find(context.Request.RouteValues[name] as string) is { } type)
                route = route.Replace($"{{{name}}}", type.Name, StringComparison.Ordinal);
        return route;
    }
}
