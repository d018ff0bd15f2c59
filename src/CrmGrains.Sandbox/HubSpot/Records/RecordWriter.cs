using System.Text.Json;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Associations;
using CrmGrains.Sandbox.HubSpot.Properties;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>A write that was checked and can no longer fail.</summary>
/// <param name="Existing">What is written over; <see langword="null"/> makes a record.</param>
internal sealed record RecordDraft(
    CrmRecord? Existing, Dictionary<string, string> Properties, IReadOnlyList<AssociationDraft> Associations);

/// <summary>
/// Writes the records of one call in two steps, plan all and then commit, so that a batch which is all or nothing has
/// nothing to undo. The caller holds the account's gate throughout.
/// </summary>
internal sealed class RecordWriter(Account account, ObjectType type)
{
    // Unique values that earlier rows of this call will take.
    private readonly HashSet<(string Property, string Value)> _claimed = [];

    public HubSpotError? PlanCreate(
        IReadOnlyDictionary<string, JsonElement> sent, IReadOnlyList<AssociationInput>? associations, out RecordDraft draft) =>
        Plan(existing: null, sent, associations ?? [], out draft);

    public HubSpotError? PlanUpdate(CrmRecord existing, IReadOnlyDictionary<string, JsonElement> sent, out RecordDraft draft) =>
        Plan(existing, sent, [], out draft);

    public CrmRecord Commit(RecordDraft draft)
    {
        var now = account.Now();
        var id = draft.Existing?.Id ?? account.NextRecordId();
        var properties = draft.Properties;
        properties["hs_object_id"] = id;
        properties[type.CreatedProperty] = PropertyRules.Format(draft.Existing?.CreatedAt ?? now);
        properties[type.ModifiedProperty] = PropertyRules.Format(now);

        var version = new RecordVersion(properties, now);
        var record = draft.Existing;
        if (record is null)
        {
            account[type].Add(record = new CrmRecord(new RecordKey(type, id), now, version));
            account.Effects.Created(type.Singular, id, properties, now);
        }
        else
        {
            account[type].Write(record, version, account.SearchLag);
        }

        foreach (var association in draft.Associations)
            account.Associations.Add(record.Key, association.To, association.Types, now);
        return record;
    }

    /// <summary>Archives a record: it leaves the lists, its unique values become free and its associations go.</summary>
    public void Archive(CrmRecord record)
    {
        var now = account.Now();
        account[type].Write(record, record.Current with { WrittenAt = now, ArchivedAt = now }, account.SearchLag);
        account.Associations.RemoveAll(record.Key);
        account.Effects.Archived(type.Singular, record.Id, now);
    }

    private HubSpotError? Plan(
        CrmRecord? existing,
        IReadOnlyDictionary<string, JsonElement> sent,
        IReadOnlyList<AssociationInput> associations,
        out RecordDraft draft)
    {
        var properties = existing is null ? [] : new Dictionary<string, string>(existing.Current.Properties);
        draft = new RecordDraft(existing, properties, []);

        var problems = sent.Select(pair => Apply(properties, pair.Key, pair.Value)).OfType<PropertyProblem>().ToList();
        if (problems.Count > 0) return HubSpotError.InvalidProperties(problems);

        if (existing is null && RecordRules.Missing(type, properties) is { Count: > 0 } missing)
            return HubSpotError.MissingProperties(type, missing);
        if (RecordRules.CheckStage(type, properties) is { } noStage) return HubSpotError.InvalidProperties([noStage]);
        if (account.PlanAssociations(type, associations, out var planned) is { } notAssociated) return notAssociated;

        RecordRules.Derive(type, properties);
        draft = draft with { Associations = planned };
        return Claim(existing, properties);  // last, so that a row which is refused claims nothing
    }

    private PropertyProblem? Apply(Dictionary<string, string> properties, string name, JsonElement sent)
    {
        if (account.Schema.Find(type, name) is not { } property)
            return new PropertyProblem(name, "PROPERTY_DOESNT_EXIST", $"Property \"{name}\" does not exist");
        if (PropertyRules.Read(property, sent, properties.GetValueOrDefault(name), out var kept) is { } problem) return problem;
        if (name == "hubspot_owner_id" && kept.Length > 0 && RecordRules.CheckOwner(account.Owners, property, kept) is { } noOwner)
            return noOwner;

        if (kept.Length == 0) properties.Remove(name);
        else properties[name] = kept;
        return null;
    }

    /// <summary>Sees to it that nobody else has, or in this call gets, one of the record's unique values.</summary>
    private HubSpotError? Claim(CrmRecord? existing, Dictionary<string, string> properties)
    {
        var claims = new List<(string, string)>();
        foreach (var name in account[type].UniqueProperties)
        {
            if (!properties.TryGetValue(name, out var value)) continue;
            var isContact = type == ObjectType.Contacts && name == "email";
            if (account[type].FindBy(name, value) is { } holder && holder != existing)
                return isContact
                    ? HubSpotError.ContactExists(holder.Id)
                    : HubSpotError.Validation($"Cannot set {name} to '{value}': {type.Singular} {holder.Id} already has that value.");

            var claim = (name, value.ToLowerInvariant());
            if (_claimed.Contains(claim))
                return isContact
                    ? HubSpotError.Of(
                        StatusCodes.Status409Conflict, "CONFLICT", "Contact already exists: another input of this batch has its email.")
                    : HubSpotError.Validation($"Cannot set {name} to '{value}': another input of this batch already has that value.");
            claims.Add(claim);
        }

        _claimed.UnionWith(claims);
        return null;
    }
}
