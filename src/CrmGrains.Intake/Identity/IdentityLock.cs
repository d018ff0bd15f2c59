using System.Text;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Identity;

/// <summary>
/// What keeps a merge apart from batches that add identifiers to customers who are known: a batch holds its workspaces shared, a merge
/// holds its workspace alone, each until its transaction ends. So a merge moves every identifier that was ever added, and one that is added
/// later is added to the survivor. A transaction takes all that it needs in one statement, in ascending order, and before it inserts
/// identifiers: nobody waits in a circle.
/// </summary>
internal static class IdentityLock
{
    // The first of the two numbers of our advisory locks; others of this database have one number or another first one.
    private const int Class = 4_704;

    /// <summary>For adding identifiers. Locks of other additions don't matter.</summary>
    public static NpgsqlBatchCommand Shared(IEnumerable<string> workspaces) =>
        Statement("SELECT pg_advisory_xact_lock_shared($1, k) FROM unnest($2) AS k", workspaces);

    /// <summary>For merges and for undoing them.</summary>
    public static NpgsqlBatchCommand Alone(IEnumerable<string> workspaces) =>
        Statement("SELECT pg_advisory_xact_lock($1, k) FROM unnest($2) AS k", workspaces);

    private static NpgsqlBatchCommand Statement(string sql, IEnumerable<string> workspaces)
    {
        var take = new NpgsqlBatchCommand(sql);
        take.Parameters.Int(Class).Ints([.. workspaces.Select(KeyOf).Distinct().Order()]);
        return take;
    }

    // FNV-1a. Two workspaces of one key only wait for each other.
    private static int KeyOf(string workspace)
    {
        var hash = 2166136261u;
        foreach (var value in Encoding.UTF8.GetBytes(workspace))
            hash = unchecked((hash ^ value) * 16777619u);
        return unchecked((int)hash);
    }
}
