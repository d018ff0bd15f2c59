using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Json;

namespace CrmGrains.Checker;

/// <summary>What our books call done must be there in the CRM.</summary>
internal static class MissingEffects
{
    public static IEnumerable<Violation> Check(History history, CrmHistory crm)
    {
        var records = crm.Records.Select(record => (record.Type, record.Id)).ToHashSet();
        var marks = crm.Records.Select(record => CrmMark.Of(record)?.Key).OfType<string>().ToHashSet();
        var pairs = crm.Pairs.Concat(crm.Pairs.Select(pair => new CrmPair(pair.ToType, pair.ToId, pair.FromType, pair.FromId))).ToHashSet();
        var links = history.Links.ToDictionary(link => (link.Account, link.Object, link.Grain), link => link.CrmId);

        foreach (var command in history.Commands.Where(command => command.State == CommandOutcome.Succeeded))
        {
            if (Fault(command) is { } fault)
                yield return new(ViolationKind.MissingEffect, $"command {command.EffectKey}", fault);
        }

        string? Fault(QueuedEffect command) => command.Object switch
        {
            CrmObject.Note or CrmObject.Task => marks.Contains(command.EffectKey) ? null : $"No {command.Object} carries its mark.",
            CrmObject.Association => Unlinked(command),

            // What a channel carried isn't in the CRM.
            CrmObject.Mail or CrmObject.Notice or CrmObject.Webhook or CrmObject.File => null,
            _ => command.CrmId is { } id && records.Contains((command.Object, id))
                ? null
                : $"There is no {command.Object} '{command.CrmId}'.",
        };

        string? Unlinked(QueuedEffect command)
        {
            if (JsonSerializer.Deserialize(command.Body.Read(), CoreJson.Default.CrmCommand) is not CrmCommand.Associate associate)
                return "Its body is no association.";
            if (IdOf(command, associate.From) is not { } from || IdOf(command, associate.To) is not { } to)
                return associate.From.Required && associate.To.Required ? "A record that it links isn't known." : null;
            return pairs.Contains(new CrmPair(associate.From.Object, from, associate.To.Object, to))
                ? null
                : $"{associate.From.Object} {from} and {associate.To.Object} {to} aren't associated.";
        }

        string? IdOf(QueuedEffect command, RecordRef record) =>
            links.GetValueOrDefault((command.Account, record.Object, record.Grain.ToString()));
    }
}
