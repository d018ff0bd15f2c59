namespace CrmGrains.Core.Faults;

/// <summary>
/// Named places at which the process can be made to end as by <c>kill -9</c>: before and after every commit and every call outside. For
/// tests only: where <c>CRMGRAINS_CRASH_AT</c> isn't set, passing one costs a look at a constant. <c>CRMGRAINS_CRASH_AT=crm.after_call:3</c>
/// ends it when that point is passed for the third time.
/// </summary>
/// <remarks>They are in Core because every other project passes some; no grain does, for a turn changes nothing outside.</remarks>
public static class CrashPoint
{
    /// <summary>Names the point, and after a colon which passing of it; without one, the first.</summary>
    public const string Variable = "CRMGRAINS_CRASH_AT";

    /// <summary>Deliveries are about to be stored.</summary>
    public const string InboxBeforeCommit = "inbox.before_commit";

    /// <summary>Deliveries are stored.</summary>
    public const string InboxAfterCommit = "inbox.after_commit";

    /// <summary>Deliveries are stored, repeats are found and conflicts flagged; no sender was told.</summary>
    public const string InboxBeforeReceipt = "inbox.before_receipt";

    /// <summary>A sender is about to be told that its delivery is stored.</summary>
    public const string GatewayBeforeAnswer = "gateway.before_answer";

    /// <summary>A batch has its partitions.</summary>
    public const string BatchAfterClaim = "batch.after_claim";

    /// <summary>A batch has its messages.</summary>
    public const string BatchAfterPop = "batch.after_pop";

    /// <summary>A batch has run its turns; its rows and its commit go out next.</summary>
    public const string BatchBeforeCommit = "batch.before_commit";

    /// <summary>A batch is committed; caches aren't written back and nobody was told.</summary>
    public const string BatchAfterCommit = "batch.after_commit";

    /// <summary>The outbox holds an account's lock, and is about to take over what was left open.</summary>
    public const string OutboxBeforeTakeOver = "outbox.before_take_over";

    /// <summary>What was left open is taken over.</summary>
    public const string OutboxAfterTakeOver = "outbox.after_take_over";

    /// <summary>The outbox is about to commit that commands will be sent.</summary>
    public const string OutboxBeforeIntent = "outbox.before_intent";

    /// <summary>It is committed that commands will be sent; no call was made.</summary>
    public const string OutboxAfterIntent = "outbox.after_intent";

    /// <summary>A call to the CRM is about to be made.</summary>
    public const string CrmBeforeCall = "crm.before_call";

    /// <summary>The CRM has answered.</summary>
    public const string CrmAfterCall = "crm.after_call";

    /// <summary>The outbox is about to commit what became of commands.</summary>
    public const string OutboxBeforeReceipt = "outbox.before_receipt";

    /// <summary>What became of commands is committed.</summary>
    public const string OutboxAfterReceipt = "outbox.after_receipt";

    /// <summary>A script of the schema has run and is about to be committed.</summary>
    public const string MigrationBeforeCommit = "migration.before_commit";

    /// <summary>A script of the schema is committed.</summary>
    public const string MigrationAfterCommit = "migration.after_commit";

    private static readonly ArmedCrash? Armed = ArmedCrash.Read(Environment.GetEnvironmentVariable(Variable));

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InboxBeforeCommit, InboxAfterCommit, InboxBeforeReceipt, GatewayBeforeAnswer,
        BatchAfterClaim, BatchAfterPop, BatchBeforeCommit, BatchAfterCommit,
        OutboxBeforeTakeOver, OutboxAfterTakeOver, OutboxBeforeIntent, OutboxAfterIntent, CrmBeforeCall, CrmAfterCall,
        OutboxBeforeReceipt, OutboxAfterReceipt,
        MigrationBeforeCommit, MigrationAfterCommit,
    ];

    /// <summary>What the process is armed with; null where it isn't, as everywhere but in tests.</summary>
    public static string? ArmedWith => Armed?.Text;

    /// <summary>Why <c>CRMGRAINS_CRASH_AT</c> can't be followed; null where it can. A process that has a fault here must not start.</summary>
    public static string? Fault => Armed is null || (All.Contains(Armed.Point) && Armed.Passing > 0)
        ? null
        : $"{Variable} is '{Armed.Text}', which is no crash point. It takes one of these, and maybe :2 for its second passing: {string.Join(", ", All)}.";

    /// <summary>Passes a point.</summary>
    public static void Pass(string point) => Armed?.Passed(point);
}
