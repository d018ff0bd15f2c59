using System.Text.Json;
using CrmGrains.Core.Events;

namespace CrmGrains.Core.Contract;

/// <summary>
/// Holds an event against the contract and names every fault by its path in the event, for example <c>data.starts_at</c>. Pure; allocates
/// nothing for an event without a fault.
/// </summary>
public static class ContractValidator
{
    /// <summary>The most bytes of <c>data</c>, as the source sent it.</summary>
    public const int MaxDataBytes = 256 * 1024;

    /// <summary>The most ids that systems may have for one person.</summary>
    public const int MaxExternalIds = 50;

    private const int MaxSystemLength = 100;
    private const int MaxExternalIdLength = 200;

    // An event with more is no event that anybody could mend by reading its faults.
    internal const int MaxFaults = 100;

    /// <summary>Every fault, up to a hundred; none where the event is one of the contract.</summary>
    public static IReadOnlyList<Fault> FaultsOf(ContractEvent value)
    {
        var faults = new ContractFaults();
        // By index, here and below: the enumerator of a list behind an interface is an allocation.
        for (var i = 0; i < CommonField.All.Count; i++)
            Check(CommonField.All[i], value, ref faults);
        if (value.Contact.ExternalIds is { Count: > 0 } ids)
            Check(ids, ref faults);
        if (EventSchema.Find(value.EventType ?? "") is not { } schema)
            faults.Add("event_type", "event_type_unknown");
        else if (value.SchemaVersion != schema.Version)
            faults.Add("schema_version", "schema_version_unknown");
        else
            DataRules.Check(schema, value.Data, ref faults);
        return faults.All;
    }

    private static void Check(IReadOnlyDictionary<string, string> externalIds, ref ContractFaults faults)
    {
        if (externalIds.Count > MaxExternalIds)
        {
            faults.Add("contact.external_ids", "list_too_long");
            return;
        }

        foreach (var (system, id) in externalIds)
        {
            if (IsBroken(system, MaxSystemLength) || IsBroken(id, MaxExternalIdLength))
                faults.Add("contact.external_ids", "external_id_invalid");
        }
    }

    private static bool IsBroken(string text, int maxLength) =>
        string.IsNullOrWhiteSpace(text) || TextRules.FaultOf(FieldKind.Line, text, maxLength) is not null;

    private static void Check(CommonField field, ContractEvent value, ref ContractFaults faults)
    {
        var schema = field.Schema;
        if (field.ReadText is not null)
        {
            var text = field.ReadText(value);
            // A required text of a group that isn't there is null, and that of the event itself never is.
            if (string.IsNullOrWhiteSpace(text) && (text is not null || field.Group.Length == 0) && schema.IsRequired)
                faults.Add(field.Path, "missing");
            else if (!string.IsNullOrEmpty(text) && TextRules.FaultOf(schema, text) is { } code)
                faults.Add(field.Path, code);
        }
        else if (field.ReadNumber is not null)
        {
            if (field.ReadNumber(value) is { } number && NumberRules.FaultOf(schema.Kind, number) is { } code)
                faults.Add(field.Path, code);
        }
        else if (field.ReadList?.Invoke(value) is { } list)
        {
            if (list.Count > schema.MaxItems)
                faults.Add(field.Path, "list_too_long");
            for (var i = 0; i < Math.Min(list.Count, schema.MaxItems); i++)
            {
                if (TextRules.FaultOf(FieldKind.Line, list[i], schema.MaxLength) is { } code)
                    faults.Add($"{field.Path}.{i}", code);
            }
        }
    }
}
