using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.HubSpot.Associations;

internal sealed record AssociationSpec
{
    public string? AssociationCategory { get; init; }
    public required int AssociationTypeId { get; init; }
}

/// <summary>An association inside a record to create.</summary>
internal sealed record AssociationInput
{
    public required IdInput To { get; init; }
    public required IReadOnlyList<AssociationSpec> Types { get; init; }
}

/// <summary>A pair of a batch; the labels are needed where the call sets or removes them.</summary>
internal sealed record PairInput
{
    public required IdInput From { get; init; }
    public required IdInput To { get; init; }
    public IReadOnlyList<AssociationSpec>? Types { get; init; }
}

/// <summary>Pairs to take apart.</summary>
internal sealed record ArchiveInput
{
    public required IdInput From { get; init; }
    public required IReadOnlyList<IdInput> To { get; init; }
}

/// <summary>An association that was checked and can be made.</summary>
internal sealed record AssociationDraft(RecordKey To, IReadOnlyList<AssociationType> Types);

/// <summary>Checks associations before they are made.</summary>
internal static class AssociationPlan
{
    /// <summary>Checks those inside a record to create, whose types of record follow from the numbers of their types.</summary>
    public static HubSpotError? PlanAssociations(
        this Account account, ObjectType from, IReadOnlyList<AssociationInput> inputs, out IReadOnlyList<AssociationDraft> drafts)
    {
        var planned = new List<AssociationDraft>();
        drafts = planned;
        foreach (var input in inputs)
        {
            var types = new List<AssociationType>();
            foreach (var spec in input.Types)
            {
                if (Find(spec, id => AssociationType.Find(from, id)) is not { } type) return InvalidType(from, to: null, spec);
                types.Add(type);
            }

            if (types.Count == 0) return HubSpotError.Validation("Invalid input: an association needs at least one type.");
            if (types.FirstOrDefault(type => type.To != types[0].To) is { } other) return InvalidType(from, types[0].To, other.Id);
            var to = new RecordKey(types[0].To, input.To.Id);
            if (account.Find(to) is null) return InvalidIds(to);
            planned.Add(new AssociationDraft(to, types));
        }

        return null;
    }

    /// <summary>Checks the types that a call names for a pair.</summary>
    public static HubSpotError? PlanTypes(
        ObjectType from, ObjectType to, IReadOnlyList<AssociationSpec>? specs, out IReadOnlyList<AssociationType> types)
    {
        var planned = new List<AssociationType>();
        types = planned;
        if (specs is null or { Count: 0 }) return HubSpotError.Validation("Invalid input: an association needs at least one type.");
        foreach (var spec in specs)
        {
            if (Find(spec, id => AssociationType.Find(from, to, id)) is not { } type) return InvalidType(from, to, spec);
            planned.Add(type);
        }

        return null;
    }

    /// <summary>Checks that both ends exist.</summary>
    public static HubSpotError? CheckEnds(this Account account, RecordKey from, RecordKey to) =>
        account.Find(from) is null ? InvalidIds(from) : account.Find(to) is null ? InvalidIds(to) : null;

    private static AssociationType? Find(AssociationSpec spec, Func<int, AssociationType?> find) =>
        spec.AssociationCategory is null or AssociationType.Category ? find(spec.AssociationTypeId) : null;

    private static HubSpotError InvalidType(ObjectType from, ObjectType? to, AssociationSpec spec) =>
        InvalidType(from, to, spec.AssociationTypeId, spec.AssociationCategory ?? AssociationType.Category);

    private static HubSpotError InvalidType(ObjectType from, ObjectType? to, int id, string category = AssociationType.Category)
    {
        var message = $"Association type {id} ({category}) is not valid from {from.Singular} to {to?.Singular ?? "any object"}.";
        return new HubSpotError(StatusCodes.Status400BadRequest, new ErrorBody
        {
            Message = message,
            Category = "VALIDATION_ERROR",
            SubCategory = "crm.associations.INVALID_ASSOCIATION_TYPE",
            Errors = [new ErrorDetail(message, "INVALID_ASSOCIATION_TYPE", HubSpotError.Named("associationTypeId", id.ToString()))],
        });
    }

    private static HubSpotError InvalidIds(RecordKey missing)
    {
        var type = missing.Type.Singular.ToUpperInvariant();
        return new HubSpotError(StatusCodes.Status400BadRequest, new ErrorBody
        {
            Message = "One or more associations are invalid",
            Category = "VALIDATION_ERROR",
            Context = new Dictionary<string, IReadOnlyList<string>>
            {
                ["INVALID_OBJECT_IDS"] = [$"{type}={missing.Id} is not valid"],
                ["objectId"] = [missing.Id],
                ["objectType"] = [type],
            },
        });
    }
}
