using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.HubSpot.Answers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>Lists, reads and writes single records.</summary>
internal static class RecordEndpoints
{
    private const int MaxLimit = 100;

    public static void MapRecords(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "objects", "v3"))
        {
            group.MapGet("/{type}", List);
            group.MapPost("/{type}", Create);
            group.MapGet("/{type}/{id}", Get);
            group.MapPatch("/{type}/{id}", Patch);
            group.MapDelete("/{type}/{id}", Archive);
        }
    }

    private static IResult List(
        ObjectType type, Account account, string? after, string[]? properties, string[]? associations, int limit = 10, bool archived = false)
    {
        if (limit is < 1 or > MaxLimit) return HubSpotError.Validation($"limit must be between 1 and {MaxLimit}.");
        if (after is not null && !long.TryParse(after, out _)) return HubSpotError.Validation($"after '{after}' was not given by a page before.");

        lock (account.Gate)
        {
            var page = account[type].Page(after, limit, archived);
            return TypedResults.Ok(Page.Of(page, limit, record => record.Id, record => Show(account, record, properties, associations)));
        }
    }

    private static IResult Get(
        ObjectType type, string id, Account account, string? idProperty, string[]? properties, string[]? associations, bool archived = false)
    {
        lock (account.Gate)
        {
            if (Find(account, type, id, idProperty, out var record) is { } refused) return refused;
            record ??= archived ? account[type].FindAny(id) : null;
            return record is not null && record.IsArchived == archived
                ? TypedResults.Ok(Show(account, record, properties, associations))
                : HubSpotError.NotFound();
        }
    }

    private static IResult Create(ObjectType type, CreateInput body, Account account, CallRecord call)
    {
        lock (account.Gate)
        {
            var writer = new RecordWriter(account, type);
            if (writer.PlanCreate(body.Properties, body.Associations, out var draft) is { } refused) return refused;
            var record = writer.Commit(draft);
            call.Wrote(record.Id);
            return TypedResults.Json(RecordBody.Whole(record) with { ObjectWriteTraceId = body.ObjectWriteTraceId }, statusCode: 201);
        }
    }

    private static IResult Patch(ObjectType type, string id, PatchInput body, Account account, CallRecord call, string? idProperty)
    {
        lock (account.Gate)
        {
            if (Find(account, type, id, idProperty, out var record) is { } refused) return refused;
            if (record is null) return HubSpotError.NotFound();
            var writer = new RecordWriter(account, type);
            if (writer.PlanUpdate(record, body.Properties, out var draft) is { } invalid) return invalid;
            writer.Commit(draft);
            call.Wrote(record.Id);
            return TypedResults.Ok(RecordBody.Whole(record));
        }
    }

    private static NoContent Archive(ObjectType type, string id, Account account, CallRecord call)
    {
        lock (account.Gate)
        {
            if (account[type].Find(id) is not { } record) return TypedResults.NoContent();  // archiving twice is harmless
            new RecordWriter(account, type).Archive(record);
            call.Wrote(record.Id);
            return TypedResults.NoContent();
        }
    }

    /// <summary>Finds a live record by its id or by a unique property.</summary>
    /// <returns>An error where the property is not unique; a record that is missing is no error here.</returns>
    public static HubSpotError? Find(Account account, ObjectType type, string id, string? idProperty, out CrmRecord? record)
    {
        record = null;
        if (idProperty is null or "hs_object_id") record = account[type].Find(id);
        else if (!account[type].IsUnique(idProperty))
            return HubSpotError.Validation($"Unable to look up {type.Name} by non-unique property '{idProperty}'.");
        else record = account[type].FindBy(idProperty, id.Trim());
        return null;
    }

    private static RecordBody Show(Account account, CrmRecord record, string[]? properties, string[]? associations)
    {
        var body = RecordBody.Shown(record, record.Current, Names(properties), account.Schema);
        var types = Names(associations).Select(ObjectType.Find).OfType<ObjectType>().Distinct().ToList();
        if (types.Count == 0) return body;

        var found = types
            .Select(to => (to, Ids: account.Associations.Of(record.Key, to)
                .SelectMany(link => link.Types.Select(_ => new AssociatedId(link.To.Id, $"{record.Key.Type.Singular}_to_{to.Singular}")))
                .Distinct()
                .ToList()))
            .Where(pair => pair.Ids.Count > 0)
            .ToDictionary(pair => pair.to.Name, pair => new Page<AssociatedId>(pair.Ids));
        return body with { Associations = found };
    }

    // Both properties=a,b and properties=a&properties=b are in use.
    private static IReadOnlyList<string> Names(string[]? values) =>
        [.. (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
