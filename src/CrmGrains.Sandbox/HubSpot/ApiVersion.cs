namespace CrmGrains.Sandbox.HubSpot;

/// <summary>
/// The versions in a path: by date (<c>/crm/objects/2026-09/contacts</c>, any <c>20dd-dd</c>) or legacy
/// (<c>/crm/v3/objects/contacts</c>). Both lead to the same endpoints.
/// </summary>
internal sealed class ApiVersion : IRouteConstraint
{
    public const string Name = "apiVersion";

    /// <summary>One group for each way of writing the path of an API, such as <c>objects</c>.</summary>
    public static IEnumerable<RouteGroupBuilder> Groups(IEndpointRouteBuilder routes, string api, params string[] legacyVersions)
    {
        yield return routes.MapGroup($"/crm/{api}/{{version:{Name}}}");
        foreach (var legacy in legacyVersions) yield return routes.MapGroup($"/crm/{legacy}/{api}");
    }

    public bool Match(
        HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string { Length: 7 } text
        && text.StartsWith("20", StringComparison.Ordinal)
        && text[4] == '-'
        && text.Where((_, index) => index != 4).All(char.IsAsciiDigit);
}
