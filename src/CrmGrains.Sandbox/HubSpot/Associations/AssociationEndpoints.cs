using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Records;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Sandbox.HubSpot.Associations;

/// <summary>Associations by date-based paths and by v4: single ones below a record, and batches between two types.</summary>
internal static class AssociationEndpoints
{
    private const int MaxLimit = 500;

    public static void MapAssociations(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "objects", "v4"))
        {
            group.MapPut("/{from}/{id}/associations/default/{to}/{toId}", AssociateDefault);
            group.MapGet("/{from}/{id}/associations/{to}", List);
            group.MapPut("/{from}/{id}/associations/{to}/{toId}", Associate);
            group.MapDelete("/{from}/{id}/associations/{to}/{toId}", Remove);
        }

        foreach (var group in ApiVersion.Groups(routes, "associations", "v4"))
        {
            group.MapGet("/{from}/{to}/labels", (ObjectType from, ObjectType to) =>
                TypedResults.Ok(new Page<LabelBody>([.. AssociationType.Between(from, to).Select(LabelBody.Of)])));
            group.MapPost("/{from}/{to}/batch/associate/default", BatchDefault);
            group.MapPost("/{from}/{to}/batch/create", BatchCreate);
            group.MapPost("/{from}/{to}/batch/read", BatchRead);
            group.MapPost("/{from}/{to}/batch/archive", BatchArchive);
            group.MapPost("/{from}/{to}/batch/labels/archive", BatchArchiveLabels);
        }
    }

    private static IResult AssociateDefault(ObjectType from, string id, ObjectType to, string toId, Account account, CallRecord call)
    {
        if (AssociationType.Default(from, to) is not { } type) return NoDefault(from, to);
        lock (account.Gate)
        {
            var (source, target) = (new RecordKey(from, id), new RecordKey(to, toId));
            if (account.CheckEnds(source, target) is { } missing) return missing;
            account.Associations.Add(source, target, [type], account.Now());
            call.Wrote(id);
            return BatchAnswer.Of(Told(type, id, toId), [], account.Now());
        }
    }

    private static IResult List(ObjectType from, string id, ObjectType to, Account account, string? after, int limit = MaxLimit)
    {
        if (limit is < 1 or > MaxLimit) return HubSpotError.Validation($"limit must be between 1 and {MaxLimit}.");
        _ = long.TryParse(after, out var first);
        lock (account.Gate)
        {
            var source = new RecordKey(from, id);
            if (account.Find(source) is null) return HubSpotError.NotFound();
            var page = account.Associations.Of(source, to).Where(link => long.Parse(link.To.Id) >= first).Take(limit + 1).ToList();
            return TypedResults.Ok(Page.Of(page, limit, link => link.To.Id, LinkBody.Of));
        }
    }

    private static IResult Associate(
        ObjectType from, string id, ObjectType to, string toId, IReadOnlyList<AssociationSpec> body, Account account, CallRecord call)
    {
        if (AssociationPlan.PlanTypes(from, to, body, out var types) is { } invalid) return invalid;
        lock (account.Gate)
        {
            var (source, target) = (new RecordKey(from, id), new RecordKey(to, toId));
            if (account.CheckEnds(source, target) is { } missing) return missing;
            account.Associations.SetLabels(source, target, types, account.Now());
            call.Wrote(id);
            return TypedResults.Json(Labelled(source, target, types), statusCode: 201);
        }
    }

    private static NoContent Remove(ObjectType from, string id, ObjectType to, string toId, Account account, CallRecord call)
    {
        lock (account.Gate) account.Associations.Remove(new RecordKey(from, id), new RecordKey(to, toId));
        call.Wrote(id);
        return TypedResults.NoContent();
    }

    private static IResult BatchDefault(ObjectType from, ObjectType to, BatchInput<PairInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxAssociations) is { } refused) return refused;
        if (AssociationType.Default(from, to) is not { } type) return NoDefault(from, to);
        lock (account.Gate)
        {
            var (results, errors) = (new List<DefaultBody>(), new List<ErrorBody>());
            foreach (var input in body.Inputs)
            {
                var (source, target) = (new RecordKey(from, input.From.Id), new RecordKey(to, input.To.Id));
                if (account.CheckEnds(source, target) is { } missing)
                {
                    errors.Add(missing.AsRow(EndsOf(source, target)));
                    continue;
                }

                account.Associations.Add(source, target, [type], account.Now());
                call.Wrote(source.Id);
                results.AddRange(Told(type, source.Id, target.Id));
            }

            return BatchAnswer.Of(results, errors, account.Now());
        }
    }

    private static IResult BatchCreate(ObjectType from, ObjectType to, BatchInput<PairInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxAssociations) is { } refused) return refused;
        lock (account.Gate)
        {
            var planned = new List<(RecordKey From, RecordKey To, IReadOnlyList<AssociationType> Types)>();
            var errors = new List<ErrorBody>();
            foreach (var input in body.Inputs)
            {
                if (AssociationPlan.PlanTypes(from, to, input.Types, out var types) is { } invalid) return invalid;
                var (source, target) = (new RecordKey(from, input.From.Id), new RecordKey(to, input.To.Id));
                if (account.CheckEnds(source, target) is { } missing) errors.Add(missing.AsRow(EndsOf(source, target)));
                else planned.Add((source, target, types));
            }

            foreach (var (source, target, types) in planned)
            {
                account.Associations.SetLabels(source, target, types, account.Now());
                call.Wrote(source.Id);
            }

            return BatchAnswer.Of(
                [.. planned.Select(pair => Labelled(pair.From, pair.To, pair.Types))], errors, account.Now(), StatusCodes.Status201Created);
        }
    }

    private static IResult BatchRead(ObjectType from, ObjectType to, BatchInput<IdInput> body, Account account)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxAssociationReads) is { } refused) return refused;
        lock (account.Gate)
        {
            var (results, errors) = (new List<LinksBody>(), new List<ErrorBody>());
            foreach (var id in body.Inputs.Select(input => input.Id).Distinct())
            {
                var links = account.Associations.Of(new RecordKey(from, id), to).Select(LinkBody.Of).ToList();
                if (links.Count > 0) results.Add(new LinksBody(new IdBody(id), links));
                else errors.Add(NoneFound(from, id, to));
            }

            return BatchAnswer.Of(results, errors, account.Now());
        }
    }

    private static IResult BatchArchive(ObjectType from, ObjectType to, BatchInput<ArchiveInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxAssociations) is { } refused) return refused;
        lock (account.Gate)
        {
            foreach (var (source, target) in body.Inputs.SelectMany(input => input.To.Select(id => (input.From.Id, id.Id))))
            {
                account.Associations.Remove(new RecordKey(from, source), new RecordKey(to, target));
                call.Wrote(source);
            }

            return TypedResults.NoContent();
        }
    }

    private static IResult BatchArchiveLabels(ObjectType from, ObjectType to, BatchInput<PairInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxAssociations) is { } refused) return refused;
        lock (account.Gate)
        {
            foreach (var input in body.Inputs)
            {
                if (AssociationPlan.PlanTypes(from, to, input.Types, out var types) is { } invalid) return invalid;
                account.Associations.Remove(new RecordKey(from, input.From.Id), new RecordKey(to, input.To.Id), types, account.Now());
                call.Wrote(input.From.Id);
            }

            return TypedResults.NoContent();
        }
    }

    private static LabelledBody Labelled(RecordKey from, RecordKey to, IReadOnlyList<AssociationType> types) =>
        new(from.Type.TypeId, from.Id, to.Type.TypeId, to.Id, [.. types.Select(type => type.Label).OfType<string>()]);

    // HubSpot tells a default association in both directions.
    private static DefaultBody[] Told(AssociationType type, string fromId, string toId) =>
    [
        new(new IdBody(fromId), new IdBody(toId), new SpecBody(AssociationType.Category, type.Id)),
        new(new IdBody(toId), new IdBody(fromId), new SpecBody(AssociationType.Category, type.ReverseId)),
    ];

    private static HubSpotError NoDefault(ObjectType from, ObjectType to) =>
        HubSpotError.Validation($"There is no default association type from {from.Singular} to {to.Singular}.");

    private static Dictionary<string, IReadOnlyList<string>> EndsOf(RecordKey from, RecordKey to) =>
        new() { ["fromObjectId"] = [from.Id], ["toObjectId"] = [to.Id] };

    private static ErrorBody NoneFound(ObjectType from, string id, ObjectType to) => new()
    {
        Message = $"No {to.Singular} is associated with {from.Singular} {id}.",
        Category = "OBJECT_NOT_FOUND",
        SubCategory = "crm.associations.NO_ASSOCIATIONS_FOUND",
        Context = new Dictionary<string, IReadOnlyList<string>>
        {
            ["fromObjectId"] = [id],
            ["fromObjectType"] = [from.Singular],
            ["toObjectType"] = [to.Singular],
        },
    };
}
