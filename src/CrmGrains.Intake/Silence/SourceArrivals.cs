using CrmGrains.Intake.Replays;
using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Intake.Silence;

/// <summary>Counts the deliveries that this process took in, until they are stored.</summary>
public sealed class SourceArrivals
{
    private readonly Lock _lock = new();
    private Dictionary<(int Partition, string Workspace, string Source), Arrivals> _fresh = [];

    /// <summary>Counts what a batch that was committed took in.</summary>
    internal void Heard(IReadOnlyList<MailboxMessage> messages)
    {
        foreach (var source in messages.Where(message => message.Kind != ReplayedDelivery.Kind).GroupBy(message => (message.Partition, message.Workspace, Source: message.Source ?? "")))
        {
            var instants = source.Select(message => message.ReceivedAt).OfType<DateTimeOffset>().ToList();
            if (instants.Count > 0)
                Add(source.Key, Arrivals.At(instants));
        }
    }

    internal void Add((int Partition, string Workspace, string Source) source, Arrivals arrivals)
    {
        lock (_lock)
            _fresh[source] = _fresh.TryGetValue(source, out var known) ? known.And(arrivals) : arrivals;
    }

    /// <summary>What came since the last time.</summary>
    internal IReadOnlyDictionary<(int Partition, string Workspace, string Source), Arrivals> Take()
    {
        lock (_lock)
        {
            var fresh = _fresh;
            _fresh = [];
            return fresh;
        }
    }
}
