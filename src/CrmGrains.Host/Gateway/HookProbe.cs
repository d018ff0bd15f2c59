using CrmGrains.Core.Configuration;
using CrmGrains.Host.Access;

namespace CrmGrains.Host.Gateway;

/// <summary>
/// <c>GET</c>, <c>HEAD</c> and <c>OPTIONS</c> of a hook's address: some vendors, and people with a browser, look whether it is there before
/// anything is sent. Nothing is read of the request, nothing is stored.
/// </summary>
internal static class HookProbe
{
    private const string Methods = "GET, HEAD, OPTIONS, POST";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapMethods(HookEndpoint.Route, [HttpMethods.Get, HttpMethods.Head, HttpMethods.Options], AnswerAsync)
        .NeedsNoKey()
        .ExcludeFromDescription()
        .ShortCircuit();

    private static Task AnswerAsync(string workspace, string source, HttpContext context, IWorkspaces workspaces, GatewayMetrics metrics)
    {
        if (HookSource.Find(workspaces, workspace, source) is null)
        {
            metrics.Answered(HookEndpoint.Unconfigured, HookEndpoint.Unconfigured, HookProblem.UnknownSource.Status, HookProblem.UnknownSource.Code);
            return HookProblem.UnknownSource.WriteAsync(context);
        }

        var isOptions = HttpMethods.IsOptions(context.Request.Method);
        context.Response.StatusCode = isOptions ? StatusCodes.Status204NoContent : StatusCodes.Status200OK;
        context.Response.Headers.Allow = Methods;
        metrics.Answered(workspace, source, context.Response.StatusCode, "probe");
        if (isOptions)
            return Task.CompletedTask;
        context.Response.ContentType = "text/plain";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.WriteAsync("This hook takes deliveries by POST.\n", context.RequestAborted);
    }
}
