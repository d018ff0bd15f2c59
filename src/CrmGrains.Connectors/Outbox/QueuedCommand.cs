using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;

namespace CrmGrains.Connectors.Outbox;

/// <summary>A waiting command in memory.</summary>
internal sealed record QueuedCommand
{
    public required long Id { get; init; }

    public required string Workspace { get; init; }

    public required string EffectKey { get; init; }

    /// <summary>The event at the beginning of the chain that led here.</summary>
    public Guid? EventId { get; init; }

    /// <summary>Who is told how it ended, <c>workspace/kind/key</c>.</summary>
    public required string Grain { get; init; }

    /// <summary>Of that grain.</summary>
    public required int Partition { get; init; }

    public required string Object { get; init; }

    public required string Lane { get; init; }

    /// <summary>Null where the stored body can't be read; nobody can carry it out then.</summary>
    public required CrmCommand? Wanted { get; init; }

    /// <summary>Attempts that were made.</summary>
    public required int Attempts { get; init; }

    public required bool IsUncertain { get; init; }

    /// <summary>By this process' own clock: the database says how long from now.</summary>
    public required DateTimeOffset DueAt { get; init; }
}

/// <summary>A record in the CRM, by the grain that it stands for.</summary>
internal readonly record struct RecordKey(string Object, string Grain)
{
    public static RecordKey Of(RecordRef record) => new(record.Object, record.Grain.ToString());

    /// <summary>As <c>blocked_on</c> names it.</summary>
    public override string ToString() => $"{Object}:{Grain}";
}

/// <summary>Which records a command is about.</summary>
internal static class CommandRecords
{
    /// <summary>The record that it writes; null where it isn't one that others refer to.</summary>
    public static RecordKey? Own(this CrmCommand command) => command switch
    {
        CrmCommand.UpsertContact contact => Key(contact, contact.Grain),
        CrmCommand.UpsertCompany company => Key(company, company.Grain),
        CrmCommand.UpsertDeal deal => Key(deal, deal.Grain),
        _ => null,
    };

    /// <summary>
    /// Whether repeating it is harmless even where the other side still works on an attempt that nobody waits for any more. Notes and tasks
    /// have no key in the CRM: two attempts at once make two of them. Mails and notices can't even be looked for afterwards.
    /// </summary>
    public static bool IsRepeatable(string commandObject) =>
        commandObject is not (CrmObject.Note or CrmObject.Task or CrmObject.Mail or CrmObject.Notice);

    /// <summary>The records that it refers to.</summary>
    public static IEnumerable<RecordRef> Refs(this CrmCommand command) => command switch
    {
        CrmCommand.UpsertDeal { Company: { } company } deal => [deal.Contact, company],
        CrmCommand.UpsertDeal deal => [deal.Contact],
        CrmCommand.Associate association => [association.From, association.To],
        CrmCommand.WriteNote note => note.On,
        CrmCommand.CreateTask task => task.On,
        _ => [],
    };

    private static RecordKey Key(CrmCommand command, GrainId grain) => new(command.Object, grain.ToString());
}
