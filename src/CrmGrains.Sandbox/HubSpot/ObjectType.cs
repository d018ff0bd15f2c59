using System.Diagnostics.CodeAnalysis;

namespace CrmGrains.Sandbox.HubSpot;

/// <summary>A kind of record. There is one instance of each, so they are compared by reference.</summary>
internal sealed class ObjectType : IParsable<ObjectType>
{
    public static readonly ObjectType Contacts = new("contacts", "contact", "0-1", "createdate", "lastmodifieddate",
        ["email", "firstname", "lastname"]);

    public static readonly ObjectType Companies = new("companies", "company", "0-2", "createdate", "hs_lastmodifieddate",
        ["domain", "name"]);

    public static readonly ObjectType Deals = new("deals", "deal", "0-3", "createdate", "hs_lastmodifieddate",
        ["amount", "closedate", "dealname", "dealstage", "pipeline"]);

    public static readonly ObjectType Tickets = new("tickets", "ticket", "0-5", "createdate", "hs_lastmodifieddate",
        ["content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject"]);

    public static readonly ObjectType Notes = new("notes", "note", "0-46", "hs_createdate", "hs_lastmodifieddate", []);

    public static readonly ObjectType Tasks = new("tasks", "task", "0-27", "hs_createdate", "hs_lastmodifieddate", []);

    public static readonly IReadOnlyList<ObjectType> All = [Contacts, Companies, Deals, Tickets, Notes, Tasks];

    private static readonly Dictionary<string, ObjectType> ByName = All
        .SelectMany(type => new[] { (type.Name, type), (type.Singular, type), (type.TypeId, type) })
        .ToDictionary(pair => pair.Item1, pair => pair.type, StringComparer.OrdinalIgnoreCase);

    private ObjectType(string name, string singular, string typeId, string createdProperty, string modifiedProperty, string[] shown)
    {
        (Name, Singular, TypeId) = (name, singular, typeId);
        (CreatedProperty, ModifiedProperty) = (createdProperty, modifiedProperty);
        AlwaysShown = [createdProperty, modifiedProperty, "hs_object_id"];
        DefaultProperties = [.. shown, .. AlwaysShown];
    }

    /// <summary>The plural, as in most paths.</summary>
    public string Name { get; }

    public string Singular { get; }

    /// <summary>Such as <c>0-1</c>.</summary>
    public string TypeId { get; }

    public string CreatedProperty { get; }

    public string ModifiedProperty { get; }

    /// <summary>What a read answers whatever it asks for.</summary>
    public IReadOnlyList<string> AlwaysShown { get; }

    /// <summary>What a read answers that asks for nothing.</summary>
    public IReadOnlyList<string> DefaultProperties { get; }

    /// <summary>Finds a type by its plural, its singular or its type id; <see langword="null"/> where there is none.</summary>
    public static ObjectType? Find(string? text) => text is null ? null : ByName.GetValueOrDefault(text);

    static ObjectType IParsable<ObjectType>.Parse(string s, IFormatProvider? provider) =>
        Find(s) ?? throw new FormatException($"Unable to infer object type from: {s}");

    /// <summary>Lets a handler take an <c>ObjectType</c> from the route.</summary>
    static bool IParsable<ObjectType>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out ObjectType result) =>
        (result = Find(s)) is not null;

    public override string ToString() => Name;
}
