namespace CrmGrains.Host.Access;

/// <summary>What a key may do.</summary>
internal static class Scope
{
    /// <summary>Give events to a workspace in another way than by a source's hook, which its signature opens.</summary>
    public const string EventsWrite = "events:write";

    /// <summary>Read what came, what was decided and done, and what is known of customers.</summary>
    public const string LedgerRead = "ledger:read";

    /// <summary>Read what waits for a person.</summary>
    public const string ReviewsRead = "reviews:read";

    /// <summary>Answer what waits for a person.</summary>
    public const string ReviewsDecide = "reviews:decide";

    /// <summary>Retry, replay, merge, accept: what keeps the system running.</summary>
    public const string Operations = "operations";

    /// <summary>Everything, keys included.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [EventsWrite, LedgerRead, ReviewsRead, ReviewsDecide, Operations, Admin];
}

/// <summary>Scopes by the work that people do.</summary>
internal static class Role
{
    public const string Viewer = "viewer";
    public const string Reviewer = "reviewer";
    public const string Operator = "operator";
    public const string Admin = "admin";

    private static readonly string[] Reads = [Scope.LedgerRead, Scope.ReviewsRead];

    public static IReadOnlyList<string> All { get; } = [Viewer, Reviewer, Operator, Admin];

    /// <summary>What the role may do; nothing where there is no such role.</summary>
    public static IReadOnlyList<string> ScopesOf(string role) => role switch
    {
        Viewer => Reads,
        Reviewer => [.. Reads, Scope.ReviewsDecide],
        Operator => [.. Reads, Scope.Operations],
        Admin => [Scope.Admin],
        _ => [],
    };
}
