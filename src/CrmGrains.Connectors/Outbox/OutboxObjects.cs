using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.Outbox;

/// <summary>The kinds of commands that this version carries out; what a newer one adds waits for it.</summary>
internal static class OutboxObjects
{
    public static IReadOnlyList<string> OfCrms { get; } =
        [CrmObject.Contact, CrmObject.Company, CrmObject.Deal, CrmObject.Association, CrmObject.Note, CrmObject.Task];

    public static IReadOnlyList<string> OfChannels { get; } = [CrmObject.Mail, CrmObject.Notice, CrmObject.Webhook, CrmObject.File];

    public static IReadOnlyList<string> All { get; } = [.. OfCrms, .. OfChannels];
}
