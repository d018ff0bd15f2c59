using CrmGrains.Simulation.World;

namespace CrmGrains.Simulation.Checks;

/// <summary>No mark, in a silo's memory or noted, ever passes a message that is there or may still appear.</summary>
internal sealed class MarkWatch(SimulatedWorld world)
{
    /// <summary>The first that did.</summary>
    public string? Fault { get; private set; }

    /// <summary>Looks.</summary>
    /// <returns>Whether the run may go on.</returns>
    public bool Watch()
    {
        Fault ??= Find();
        return Fault is null;
    }

    private string? Find()
    {
        foreach (var mailbox in world.Database.Mailboxes)
        {
            if (mailbox.Value.Find(row => row.IsAlive) is not { } oldest)
                continue;
            if (world.Database.Partitions[mailbox.Key].Newest.Mark is var noted && noted >= oldest.Id)
                return $"Partition {mailbox.Key} is noted as empty up to {noted}, and message {oldest.Id} isn't handled.";
            foreach (var silo in world.Silos)
            {
                if (silo.Silo.MarkOf(mailbox.Key) is var mark && mark >= oldest.Id)
                    return $"{silo.Process.Name} has partition {mailbox.Key} marked up to {mark}, and message {oldest.Id} isn't handled.";
            }
        }

        return null;
    }
}
