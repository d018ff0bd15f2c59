using CrmGrains.Core.Commands;

namespace CrmGrains.Core.Configuration;

/// <summary>Which objects of the CRM matter to the business, how they relate, and which of them owns what: what nobody owns is told twice.</summary>
public sealed record ObjectMap
{
    /// <summary>The objects that there can be.</summary>
    public static IReadOnlyList<string> Known { get; } = [CrmObject.Contact, CrmObject.Company, CrmObject.Deal, CrmObject.Note, CrmObject.Task];

    /// <summary>What one object owns: it is kept there, and elsewhere it is a copy.</summary>
    public static IReadOnlyList<string> Matters { get; } = ["pipeline", "lifecycle", "attribution", "onboarding", "payment_proof"];

    /// <summary>By object; empty where the file says nothing.</summary>
    public IReadOnlyDictionary<string, MappedObject> Objects { get; init; } = new Dictionary<string, MappedObject>();

    /// <summary>The object that owns a matter; null where none does.</summary>
    public string? OwnerOf(string matter) => Objects.FirstOrDefault(each => each.Value.Owns.Contains(matter, StringComparer.Ordinal)).Key;

    /// <summary>What a field is about; null where it is about nothing that has one owner.</summary>
    public static string? MatterOf(string field) => field switch
    {
        "referrer" or "landing_page" => "attribution",
        "qualification_status" => "lifecycle",
        "last_invoice" or "last_invoice_status" => "payment_proof",
        _ when field.StartsWith("utm_", StringComparison.Ordinal) => "attribution",
        _ => null,
    };
}

/// <summary>One object.</summary>
/// <param name="With">The objects that it is linked to.</param>
/// <param name="Owns">Of <see cref="ObjectMap.Matters"/>.</param>
public sealed record MappedObject(IReadOnlyList<string> With, IReadOnlyList<string> Owns);
