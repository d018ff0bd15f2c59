using System.Text.Json;

namespace CrmGrains.Host.Reviews;

/// <summary>What a person can do with an item.</summary>
internal static class Verb
{
    public const string Approve = "approve";
    public const string Edit = "edit";
    public const string Reject = "reject";
    public const string Resolve = "resolve";
    public const string Ask = "ask";
    public const string Reply = "reply";
    public const string Snooze = "snooze";
    public const string Assign = "assign";
    public const string Escalate = "escalate";

    public static IReadOnlyList<string> All { get; } = [Approve, Edit, Reject, Resolve, Ask, Reply, Snooze, Assign, Escalate];
}

/// <summary>How an item was answered, as its row keeps it.</summary>
internal static class Answers
{
    public const string Approved = "approved";
    public const string Edited = "edited";
    public const string Rejected = "rejected";
    public const string Expired = "expired";
    public const string Resolved = "resolved";
}

/// <summary>What a person says to an item; each verb takes what it needs of it.</summary>
internal record ReviewAnswer
{
    /// <summary>The version that the person saw; or the header <c>If-Match</c>.</summary>
    public int? Version { get; init; }

    /// <summary>Why, in the person's words; <c>reject</c> needs one.</summary>
    public string? Reason { get; init; }

    /// <summary>Of <c>edit</c>: new values of the command by path.</summary>
    public Dictionary<string, JsonElement>? Edits { get; init; }

    /// <summary>Of <c>ask</c>: what somebody shall say first. Of <c>reply</c>: what they say. Of <c>resolve</c>: what was done.</summary>
    public string? Text { get; init; }

    /// <summary>Of <c>snooze</c>.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of <c>ask</c>, <c>assign</c> and <c>escalate</c>: a person or a role. <c>assign</c> without one takes it from whoever has it.</summary>
    public string? Assignee { get; init; }
}

/// <summary>One of many answers.</summary>
internal sealed record BulkAnswer : ReviewAnswer
{
    public Guid Id { get; init; }

    /// <summary>One of <see cref="Verb.All"/>.</summary>
    public string? Answer { get; init; }
}

internal sealed record BulkRequest(IReadOnlyList<BulkAnswer> Answers);

internal sealed record BulkResult(IReadOnlyList<BulkItem> Items);

/// <summary>What became of one of many answers: the item as it is now, or what was wrong.</summary>
internal sealed record BulkItem(Guid Id, int Status, ReviewItem? Item, ReviewProblem? Problem);

/// <summary>Why an answer wasn't taken.</summary>
internal sealed record ReviewProblem(string Code, string Title, string Detail)
{
    /// <summary>HTTP's.</summary>
    public int Status { get; init; }

    /// <summary>The version that there is.</summary>
    public int? Version { get; init; }

    /// <summary>What happened since the version that the person saw.</summary>
    public IReadOnlyList<ReviewStep>? Since { get; init; }

    /// <summary>What is wrong with the changes, by path.</summary>
    public IReadOnlyList<Core.Actions.EditFault>? Faults { get; init; }
}

/// <summary>What an answer came to. A closed set.</summary>
internal abstract record ReviewOutcome
{
    private ReviewOutcome() { }

    /// <summary>It was taken, now or when the same person said the same before.</summary>
    public sealed record Taken(ReviewItem Item) : ReviewOutcome;

    /// <summary>It wasn't, and nothing was changed.</summary>
    public sealed record Refused(ReviewProblem Problem) : ReviewOutcome;
}
