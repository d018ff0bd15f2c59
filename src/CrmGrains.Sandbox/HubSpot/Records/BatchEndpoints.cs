using System.Text.Json;
using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Properties;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>Reads and writes up to a hundred records in one call.</summary>
internal static class BatchEndpoints
{
    public static void MapBatches(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "objects", "v3"))
        {
            group.MapPost("/{type}/batch/read", Read);
            group.MapPost("/{type}/batch/create", Create);
            group.MapPost("/{type}/batch/update", Update);
            group.MapPost("/{type}/batch/upsert", Upsert);
            group.MapPost("/{type}/batch/archive", Archive);
        }
    }

    /// <summary>Reads the store itself, so it sees a write at once where search does not.</summary>
    private static IResult Read(ObjectType type, BatchReadInput body, Account account, bool archived = false)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var (found, missing) = (new List<CrmRecord>(), new List<string>());
            foreach (var id in body.Inputs.Select(input => input.Id).Distinct())
            {
                if (RecordEndpoints.Find(account, type, id, body.IdProperty, out var record) is { } notUnique) return notUnique;
                record ??= archived ? account[type].FindAny(id) : null;
                if (record is not null && record.IsArchived == archived) found.Add(record);
                else missing.Add(id);
            }

            var error = HubSpotError.NotFound(
                $"Could not get some {type.Singular.ToUpperInvariant()} objects, they may be deleted or not exist. Check that ids are valid.");
            return BatchAnswer.Of(
                [.. found.Distinct().Select(record => RecordBody.Shown(record, record.Current, body.Properties ?? [], account.Schema))],
                missing.Count == 0 ? [] : [error.AsRow(HubSpotError.Named("ids", [.. missing]))],
                account.Now());
        }
    }

    private static IResult Create(ObjectType type, BatchInput<CreateInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var isPartial = AreTraced([.. body.Inputs.Select(input => input.ObjectWriteTraceId)]);
            var batch = new BatchWrite(account, type, isPartial, call);
            foreach (var input in body.Inputs)
            {
                var problem = batch.Writer.PlanCreate(input.Properties, input.Associations, out var draft);
                batch.Add(problem, draft, input.ObjectWriteTraceId, id: null);
            }

            return batch.Commit(StatusCodes.Status201Created);
        }
    }

    private static IResult Update(ObjectType type, BatchInput<WriteInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var isPartial = AreTraced([.. body.Inputs.Select(input => input.ObjectWriteTraceId)]);
            var batch = new BatchWrite(account, type, isPartial, call);
            var seen = new HashSet<CrmRecord>();
            foreach (var input in body.Inputs)
            {
                if (CheckKey(account, type, input.IdProperty, allowsEmail: false) is { } notUnique) return notUnique;
                _ = RecordEndpoints.Find(account, type, input.Id, input.IdProperty, out var record);
                if (record is null)
                {
                    batch.Skip(HubSpotError.NotFound(), input.ObjectWriteTraceId, input.Id);
                    continue;
                }

                if (!seen.Add(record)) return Repeated(input.Id);
                var problem = batch.Writer.PlanUpdate(record, input.Properties, out var draft);
                batch.Add(problem, draft, input.ObjectWriteTraceId, input.Id);
            }

            return batch.Commit();
        }
    }

    private static IResult Upsert(ObjectType type, BatchInput<WriteInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var isPartial = body.Inputs.All(input => input.IdProperty != "email");
            var batch = new BatchWrite(account, type, isPartial, call);
            var seen = new HashSet<(string, string)>();
            foreach (var input in body.Inputs)
            {
                if (CheckKey(account, type, input.IdProperty, allowsEmail: true) is { } notUnique) return notUnique;
                if (!seen.Add((input.IdProperty ?? "", input.Id.Trim().ToLowerInvariant()))) return Repeated(input.Id);
                PlanUpsert(batch, account, type, input);
            }

            return batch.Commit(tellsNew: true);
        }
    }

    private static void PlanUpsert(BatchWrite batch, Account account, ObjectType type, WriteInput input)
    {
        _ = RecordEndpoints.Find(account, type, input.Id, input.IdProperty, out var record);
        if (record is not null)
        {
            var problem = batch.Writer.PlanUpdate(record, input.Properties, out var draft);
            batch.Add(problem, draft, input.ObjectWriteTraceId, input.Id);
        }
        else if (input.IdProperty is null or "hs_object_id")
        {
            batch.Skip(HubSpotError.NotFound(), input.ObjectWriteTraceId, input.Id);  // HubSpot gives ids, callers do not
        }
        else
        {
            var sent = input.Properties.ToDictionary(pair => pair.Key, pair => pair.Value);
            sent.TryAdd(input.IdProperty, JsonSerializer.SerializeToElement(input.Id, SandboxJson.Default.String));
            var problem = batch.Writer.PlanCreate(sent, associations: null, out var draft);
            batch.Add(problem, draft, input.ObjectWriteTraceId, input.Id);
        }
    }

    private static IResult Archive(ObjectType type, BatchInput<IdInput> body, Account account, CallRecord call)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var writer = new RecordWriter(account, type);
            foreach (var record in body.Inputs.Select(input => account[type].Find(input.Id)).OfType<CrmRecord>().Distinct().ToList())
            {
                writer.Archive(record);
                call.Wrote(record.Id);
            }

            return TypedResults.NoContent();
        }
    }

    // A batch is carried out in part only where each row can be told by a trace id of its own.
    private static bool AreTraced(IReadOnlyList<string?> traceIds) =>
        traceIds.All(id => !string.IsNullOrEmpty(id)) && traceIds.Distinct().Count() == traceIds.Count;

    private static HubSpotError? CheckKey(Account account, ObjectType type, string? idProperty, bool allowsEmail) =>
        idProperty is null or "hs_object_id" || (account[type].IsUnique(idProperty) && (allowsEmail || idProperty != "email"))
            ? null
            : HubSpotError.Validation($"Unable to perform update/upsert by non-unique property: {idProperty}");

    private static HubSpotError Repeated(string id) =>
        HubSpotError.Validation($"Duplicate IDs found in batch input: [{id}]. IDs must be unique");
}
