namespace CrmGrains.Simulation.Store;

/// <summary>Bugs that are put into the store or between it and the engine, to show that the simulation would find them.</summary>
[Flags]
public enum Planted
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A claim takes partitions that another transaction has locked, and the ledger's key doesn't defend itself.</summary>
    RowLocksAreIgnored = 1,

    /// <summary>A pop says that every transaction has ended, so that marks move over messages that come late.</summary>
    MarksMoveUnproven = 2,

    /// <summary>A mark's candidate isn't held below what was drawn before the transaction had its id.</summary>
    CandidatesAreTooHigh = 4,

    /// <summary>A partition that another silo ran is said to be still one's own, so that the cache isn't dropped.</summary>
    CachesAreKept = 8,

    /// <summary>Heads of chains are read with the claim's snapshot instead of a later one.</summary>
    HeadsAreStale = 16,

    /// <summary>A commit is answered and isn't made.</summary>
    CommitsAreDropped = 32,

    /// <summary>What was popped is gone although the transaction was rolled back.</summary>
    PopsAreNotRolledBack = 64,

    /// <summary>Mailboxes in which messages wait are taken as idle.</summary>
    FullMailboxesAreIdle = 128,

    /// <summary>States are written although the transaction was rolled back.</summary>
    StatesAreNotRolledBack = 256,

    /// <summary>A pop of several kinds names what had ended at its last statement, not at its first.</summary>
    EndedIsOfTheLastStatement = 512,
}
