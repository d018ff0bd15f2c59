using System.Text.Json.Serialization;

namespace CrmGrains.Sandbox.HubSpot.Associations;

internal sealed record LabelBody(
    string Category, int TypeId, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Label)
{
    public static LabelBody Of(AssociationType type) => new(AssociationType.Category, type.Id, type.Label);
}

internal sealed record LinkBody(string ToObjectId, IReadOnlyList<LabelBody> AssociationTypes)
{
    public static LinkBody Of(AssociationLink link) => new(link.To.Id, [.. link.Types.Select(LabelBody.Of)]);
}

internal sealed record IdBody(string Id);

/// <summary>All that one record is associated with.</summary>
internal sealed record LinksBody(IdBody From, IReadOnlyList<LinkBody> To);

internal sealed record SpecBody(string AssociationCategory, int AssociationTypeId);

/// <summary>A default association that was made, in one direction.</summary>
internal sealed record DefaultBody(IdBody From, IdBody To, SpecBody AssociationSpec);

/// <summary>A labelled association that was made.</summary>
internal sealed record LabelledBody(
    string FromObjectTypeId, string FromObjectId, string ToObjectTypeId, string ToObjectId, IReadOnlyList<string> Labels);
