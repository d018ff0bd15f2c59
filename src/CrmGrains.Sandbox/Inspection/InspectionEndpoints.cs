using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.Channels;
using CrmGrains.Sandbox.Faults;
using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Records;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Sandbox.Inspection;

/// <summary>A pair of associated records, told once and in one direction, as from a contact to a company.</summary>
internal sealed record AssociatedPair(string FromType, string FromId, string ToType, string ToId, IReadOnlyList<int> TypeIds);

/// <summary>What an owner is to become.</summary>
internal sealed record OwnerInput
{
    public required string Email { get; init; }
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public bool Archived { get; init; }
}

/// <summary>Looks into the stand-in and sets it back; needs no token and counts against no limit.</summary>
internal static class InspectionEndpoints
{
    private const string Welcome = """
        CrmGrains sandbox: a stand-in HubSpot, mail server and Slack. It is none of them, and forgets all when it stops unless it has --state FILE.

        HubSpot's API   /crm/objects/2026-09/..., /crm/associations/2026-09/..., /crm/owners, /crm/pipelines, /crm/properties;
                        the same below /crm/v3/... and /crm/v4/...; any bearer token

        Slack           POST /services/{hook}; one named no_service, archived or prohibited refuses
        webhooks        POST /webhooks/{receiver}, signed; gone and moved refuse
        mails           SMTP, on the port that is told at the start

        GET    /healthz                          answers 200
        GET    /sandbox/mails                    mails that were taken; also notices and webhooks
        GET    /sandbox/hubspot/{type}           all contacts, companies, deals, tickets, notes, tasks, associations or owners
        PUT    /sandbox/hubspot/owners/{id}      {"email", "firstName", "lastName", "archived"}
        GET    /sandbox/stats                    calls and records written, by endpoint
        GET    /sandbox/requests?limit=100       the latest calls, 20000 at most
        GET    /sandbox/effects?after=0          what was carried out: records created and archived, pairs associated
        POST   /sandbox/faults                   {"path", "status" | "kind", "count", ...} or an array of them
        GET    /sandbox/faults                   the faults that are set
        DELETE /sandbox/faults                   clears them
        POST   /sandbox/reset                    back to the seed: no records, no faults, no stats

        """;

    public static void MapInspection(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => TypedResults.Text(Welcome));
        routes.MapGet("/healthz", () => TypedResults.Text("ok\n"));
        routes.MapGet("/sandbox/hubspot/associations", Associations);
        routes.MapGet("/sandbox/hubspot/owners", Owners);
        routes.MapPut("/sandbox/hubspot/owners/{id:long}", PutOwner);
        routes.MapGet("/sandbox/hubspot/{type}", Records);
        routes.MapPost("/sandbox/reset", Reset);
    }

    private static Ok<Listing<RecordBody>> Records(ObjectType type, Account account)
    {
        List<CrmRecord> records;
        lock (account.Gate) records = [.. account[type].Live];

        // A version never changes, so the answer is made while others call.
        return TypedResults.Ok(Listing.Of([.. records.Select(RecordBody.Whole)]));
    }

    private static Ok<Listing<AssociatedPair>> Associations(Account account)
    {
        lock (account.Gate)
            return TypedResults.Ok(Listing.Of(
            [
                .. account.Associations.Pairs().Select(pair => new AssociatedPair(
                    pair.From.Type.Singular, pair.From.Id, pair.Link.To.Type.Singular, pair.Link.To.Id,
                    [.. pair.Link.Types.Select(type => type.Id)])),
            ]));
    }

    private static Ok<Listing<Owner>> Owners(Account account)
    {
        lock (account.Gate) return TypedResults.Ok(Listing.Of([.. account.Owners.All]));
    }

    private static IResult PutOwner(long id, OwnerInput body, Account account)
    {
        if (id < 1) return HubSpotError.Validation("An owner's id is a positive number.");
        lock (account.Gate)
            return TypedResults.Ok(account.Owners.Put(id, body.Email, body.FirstName, body.LastName, body.Archived, account.Now()));
    }

    private static NoContent Reset(
        Account account, RateLimits limits, FaultBox faults, CallLog calls, EffectLog effects, ChannelBox channels, NoticeLimit notices)
    {
        account.Reset();
        limits.Reset();
        faults.Clear();
        calls.Clear();
        effects.Clear();
        channels.Clear();
        notices.Reset();
        return TypedResults.NoContent();
    }
}
