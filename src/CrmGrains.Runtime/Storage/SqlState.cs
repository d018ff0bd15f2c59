using Npgsql;

namespace CrmGrains.Runtime.Storage;

/// <summary>The SQLSTATEs that the house knows by name.</summary>
public static class SqlState
{
    /// <summary>A row with that key is there already.</summary>
    public const string UniqueViolation = "23505";

    /// <summary>A change that the schema forbids; what the ledger answers.</summary>
    public const string RestrictViolation = "23001";

    // A NUL, mostly: the one character that a text of PostgreSQL can't have, in a parameter or written as \u0000 in JSON.
    private static readonly string[] TextFaults = ["22021", "22P05"];

    private const string IdleInTransactionTimeout = "25P03";

    // Classes: connection, transaction rollback, resources, not in prerequisite state, operator intervention, system error.
    private static readonly string[] TransientClasses = ["08", "40", "53", "55", "57", "58"];

    /// <summary>Whether a text was passed that no database can keep: whoever sent it must leave it out.</summary>
    public static bool IsTextFault(Exception exception) => exception is PostgresException e && Array.IndexOf(TextFaults, e.SqlState) >= 0;

    /// <summary>Whether the same work may succeed when it is simply done again: nothing is wrong with the work itself.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        PostgresException e => e.SqlState == IdleInTransactionTimeout
            || Array.Exists(TransientClasses, transient => e.SqlState.StartsWith(transient, StringComparison.Ordinal)),
        NpgsqlException or IOException or TimeoutException or ObjectDisposedException => true,
        OperationCanceledException => true,
        _ => false,
    };
}
