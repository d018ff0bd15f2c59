using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Runtime.Storage;

/// <summary>
/// Where mailboxes, states and ledger are, as a silo sees it: PostgreSQL, or in the simulation a memory that delays, drops and crashes.
/// </summary>
internal interface IEngineStore
{
    /// <summary>What there is to do, and for whom.</summary>
    Task<Peeked> PeekAsync(Reach reach, CancellationToken cancellationToken);

    /// <summary>Begins the transaction of a batch.</summary>
    Task<EngineTransaction> BeginAsync(CancellationToken cancellationToken);

    /// <summary>The workspaces whose mailboxes hold as many messages as given, or more.</summary>
    Task<string[]> DeepMailboxesAsync(int messages, CancellationToken cancellationToken);
}

/// <summary>Which partitions a silo takes.</summary>
/// <param name="Silo">Its own, and those that nobody had yet.</param>
/// <param name="HeldBack">Workspaces, and sources as <c>workspace/source</c>, whose intake waits.</param>
/// <param name="StealAfter">Another silo's, once its oldest message has waited this long.</param>
/// <param name="Marks">Where the scans of the mailboxes start.</param>
internal readonly record struct Reach(Guid Silo, string[] HeldBack, TimeSpan StealAfter, Marks Marks)
{
    /// <summary>Whether others' are taken, instead of its own.</summary>
    public bool IsForOthers { get; init; }

    /// <summary>How long nobody may have noted that they serve others' partitions.</summary>
    public TimeSpan Unserved { get; init; }
}

/// <summary>What there is to do.</summary>
/// <param name="HasWork">Something that the silo would claim.</param>
/// <param name="HasOthersWork">Something that another silo may be about to claim.</param>
/// <param name="Others">The partitions that are noted as other silos'.</param>
internal readonly record struct Peeked(bool HasWork, bool HasOthersWork, int[] Others);

/// <summary>How many partitions of a kind a batch takes, and after which one it begins, so that each has its turn.</summary>
internal readonly record struct Slice(int Most, int Last)
{
    /// <summary>The next one, after what was claimed.</summary>
    public Slice After(IReadOnlyList<ClaimedPartition> claimed, string kind)
    {
        var (count, last) = (0, 0);
        foreach (var partition in claimed)
        {
            if (partition.Kind == kind)
                (count, last) = (count + 1, partition.Id);
        }

        return this with { Last = count == Most ? last : 0 };
    }
}

/// <summary>What was taken out of the claimed partitions.</summary>
internal sealed class Popped
{
    /// <summary>UTC, by the store's clock; the instant from which the batch has its partitions.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Each partition's in order.</summary>
    public List<MailboxMessage> Messages { get; } = [];

    /// <summary>Those that are due; they are handled after the messages.</summary>
    public List<MailboxMessage> Timers { get; } = [];

    /// <summary>The highest message id that was drawn before this transaction had an id; see <see cref="Mark.Move"/>, also for the next two.</summary>
    public required long Drawn { get; init; }

    /// <summary>Every transaction below that could have sent anything had ended when the messages were taken.</summary>
    public ulong Ended { get; set; }

    /// <summary>The id of this transaction.</summary>
    public ulong Transaction { get; set; }
}

/// <summary>A grain's state as it is stored.</summary>
internal readonly record struct StoredState(int Partition, string Grain, long Version, byte[] State);
