using System.Globalization;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Undo;

/// <summary>What taking commands back means to the grain that had asked for them: the same for all kinds of grains.</summary>
internal static class Undoing
{
    public static Decision Decided(Message.UndoWanted message) => new()
    {
        Outcome = "undo",
        Reason = string.Create(CultureInfo.InvariantCulture, $"{message.Commands.Count} writes are taken back, as a person approved; undo {message.Undo}."),
    };

    /// <summary>In the order in which they are told: the newest write first. Those of one record are one lane.</summary>
    public static IReadOnlyList<Effect> Reverts(Message.UndoWanted message, GrainId grain) =>
    [
        .. message.Commands.Select((command, place) => new Effect.Enqueue(place + 1, new CrmCommand.Revert(
            command.Object, command.EffectKey, command.Id, HasLane(command.Object) ? grain : null, command.CrmId, command.Before, command.After,
            command.GoingToo))),
    ];

    private static bool HasLane(string crmObject) => crmObject is CrmObject.Contact or CrmObject.Company or CrmObject.Deal;
}
