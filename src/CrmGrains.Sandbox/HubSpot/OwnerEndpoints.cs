using CrmGrains.Sandbox.HubSpot.Answers;

namespace CrmGrains.Sandbox.HubSpot;

/// <summary><c>GET /crm/owners/2026-09</c> and <c>/crm/v3/owners</c>. Archived owners are only shown to who asks for them.</summary>
internal static class OwnerEndpoints
{
    private const int MaxLimit = 500;

    public static void MapOwners(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "owners", "v3"))
        {
            group.MapGet("/", List);
            group.MapGet("/{id}", Get);
        }
    }

    private static IResult List(Account account, string? email, string? after, int limit = 100, bool archived = false)
    {
        if (limit is < 1 or > MaxLimit) return HubSpotError.Validation($"limit must be between 1 and {MaxLimit}.");
        _ = long.TryParse(after, out var first);

        lock (account.Gate)
        {
            var page = account.Owners.All
                .Where(owner => owner.Archived == archived && long.Parse(owner.Id) >= first)
                .Where(owner => email is null || owner.Email.Equals(email, StringComparison.OrdinalIgnoreCase))
                .Take(limit + 1)
                .ToList();
            return TypedResults.Ok(Page.Of(page, limit, owner => owner.Id, owner => owner));
        }
    }

    private static IResult Get(Account account, string id, string idProperty = "id", bool archived = false)
    {
        lock (account.Gate)
        {
            var owner = idProperty == "userId"
                ? account.Owners.All.FirstOrDefault(o => o.UserIdIncludingInactive.ToString() == id)
                : account.Owners.Find(id);
            return owner is not null && owner.Archived == archived ? TypedResults.Ok(owner) : HubSpotError.NotFound();
        }
    }
}
