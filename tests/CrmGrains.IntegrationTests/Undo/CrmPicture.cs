using CrmGrains.IntegrationTests.EndToEnd;

namespace CrmGrains.IntegrationTests.Undo;

/// <summary>What a CRM holds, in a form that can be compared: every record with every value, every tie.</summary>
internal static class CrmPicture
{
    // The CRM's own clock: a record that was written and restored was written all the same.
    private static readonly string[] Times = ["lastmodifieddate", "hs_lastmodifieddate"];

    public static IReadOnlyList<string> Of(CrmContents crm) =>
    [
        .. Lines("contact", crm.Contacts), .. Lines("company", crm.Companies), .. Lines("deal", crm.Deals), .. Lines("note", crm.Notes),
        .. Lines("task", crm.Tasks), .. crm.Associations.Select(pair => pair.ToString()).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Lines(string type, IReadOnlyList<CrmRow> rows) => rows.OrderBy(row => row.Id, StringComparer.Ordinal).Select(row =>
        $"{type} {row.Id} " + string.Join(", ", row.Properties
            .Where(property => !string.IsNullOrEmpty(property.Value) && !Times.Contains(property.Key))
            .OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{property.Key}={property.Value}")));
}
