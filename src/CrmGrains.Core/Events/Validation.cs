namespace CrmGrains.Core.Events;

/// <summary>What was checked of an event before anything is decided on it. The names are what a trace shows.</summary>
public sealed record Validation
{
    /// <summary>The address is well formed. Null where the event has none and needs none.</summary>
    public bool? EmailValid { get; init; }

    /// <summary>True where the address is at a domain of mailboxes for a few minutes: it proves nothing about who wrote. Else null.</summary>
    public bool? EmailDisposable { get; init; }

    /// <summary>The phone is a number of a known plan.</summary>
    public bool? PhoneValid { get; init; }

    /// <summary>The domain is well formed.</summary>
    public bool? DomainValid { get; init; }

    /// <summary>Consent was given where the workspace asks for it.</summary>
    public bool? ConsentValid { get; init; }

    /// <summary>The budget is one of the workspace's ranges.</summary>
    public bool? BudgetEnumValid { get; init; }

    /// <summary>The rules gave a routing tier that the workspace has; known only once the event was decided on.</summary>
    public bool? RoutingTierValid { get; init; }

    /// <summary>Every fault, named by its path.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary><c>passed</c> or <c>failed</c>.</summary>
    public string Status => Faults.Count == 0 && RoutingTierValid != false ? "passed" : "failed";
}

/// <summary>One thing that is wrong with an event.</summary>
/// <param name="Path">The payload's path, for example <c>fields.email</c>.</param>
/// <param name="Code">A stable name, for example <c>email_invalid</c>.</param>
/// <param name="Message">What is wrong and what to do; never the value itself.</param>
public sealed record Fault(string Path, string Code, string Message);
