namespace CrmGrains.Sandbox.HubSpot.Associations;

/// <summary>One way in which a record may be associated with another, seen from the first.</summary>
/// <param name="Id">What HubSpot numbers it in this direction.</param>
/// <param name="ReverseId">What HubSpot numbers it in the other.</param>
/// <param name="Label">The unlabelled types are the defaults: every associated pair has one.</param>
internal sealed record AssociationType(ObjectType From, ObjectType To, int Id, int ReverseId, string? Label)
{
    public const string Category = "HUBSPOT_DEFINED";

    private static readonly IReadOnlyList<AssociationType> All =
    [
        .. Both(ObjectType.Contacts, ObjectType.Companies, 279, 280),
        .. Both(ObjectType.Contacts, ObjectType.Companies, 1, 2, "Primary"),
        .. Both(ObjectType.Deals, ObjectType.Contacts, 3, 4),
        .. Both(ObjectType.Deals, ObjectType.Companies, 341, 342),
        .. Both(ObjectType.Deals, ObjectType.Companies, 5, 6, "Primary"),
        .. Both(ObjectType.Tickets, ObjectType.Contacts, 16, 15),
        .. Both(ObjectType.Tickets, ObjectType.Companies, 339, 340),
        .. Both(ObjectType.Tickets, ObjectType.Companies, 26, 25, "Primary"),
        .. Both(ObjectType.Tickets, ObjectType.Deals, 28, 27),
        .. Both(ObjectType.Notes, ObjectType.Contacts, 202, 201),
        .. Both(ObjectType.Notes, ObjectType.Companies, 190, 189),
        .. Both(ObjectType.Notes, ObjectType.Deals, 214, 213),
        .. Both(ObjectType.Notes, ObjectType.Tickets, 228, 227),
        .. Both(ObjectType.Tasks, ObjectType.Contacts, 204, 203),
        .. Both(ObjectType.Tasks, ObjectType.Companies, 192, 191),
        .. Both(ObjectType.Tasks, ObjectType.Deals, 216, 215),
        .. Both(ObjectType.Tasks, ObjectType.Tickets, 230, 229),
        new(ObjectType.Contacts, ObjectType.Contacts, 449, 449, null),
        new(ObjectType.Companies, ObjectType.Companies, 450, 450, null),
        .. Both(ObjectType.Companies, ObjectType.Companies, 13, 14, "Child Company", "Parent Company"),
        new(ObjectType.Deals, ObjectType.Deals, 451, 451, null),
        new(ObjectType.Tickets, ObjectType.Tickets, 452, 452, null),
    ];

    private static readonly ILookup<(ObjectType, ObjectType), AssociationType> ByPair = All.ToLookup(type => (type.From, type.To));

    private static readonly Dictionary<(ObjectType, int), AssociationType> ByFromAndId = All.ToDictionary(type => (type.From, type.Id));

    public bool IsDefault => Label is null;

    public bool IsPrimary => Label == "Primary";

    /// <summary>The types of a pair, the default first; none where such records cannot be associated.</summary>
    public static IEnumerable<AssociationType> Between(ObjectType from, ObjectType to) => ByPair[(from, to)];

    public static AssociationType? Default(ObjectType from, ObjectType to) => Between(from, to).FirstOrDefault(type => type.IsDefault);

    /// <summary>Finds a type by its number, which also tells the type of record at the other end.</summary>
    public static AssociationType? Find(ObjectType from, int id) => ByFromAndId.GetValueOrDefault((from, id));

    public static AssociationType? Find(ObjectType from, ObjectType to, int id) => Find(from, id) is { } type && type.To == to ? type : null;

    /// <summary>Whether a pair is told in this direction where it is told once, as from a contact to a company.</summary>
    public static bool IsCanonical(ObjectType from, ObjectType to) => Rank(from) >= Rank(to);

    // What is associated from the more particular to the more lasting: note, task, ticket, deal, contact, company.
    private static int Rank(ObjectType type) => type.Name switch
    {
        "companies" => 0,
        "contacts" => 1,
        "deals" => 2,
        "tickets" => 3,
        "tasks" => 4,
        _ => 5,
    };

    private static IEnumerable<AssociationType> Both(
        ObjectType from, ObjectType to, int id, int reverseId, string? label = null, string? reverseLabel = null) =>
    [
        new(from, to, id, reverseId, label),
        new(to, from, reverseId, id, reverseLabel ?? label),
    ];
}
