using CrmGrains.Core.Fields;
using CrmGrains.Core.Sequences;

namespace CrmGrains.Core.Customers;

/// <summary>What one customer knows and has, apart from others who are merged with it: what a merge brings, and what undoing it takes back.</summary>
public sealed record CustomerShare
{
    /// <summary>Each with the mark of whoever said it.</summary>
    public IReadOnlyDictionary<string, Field> Fields { get; init; } = FieldSet.Empty;

    /// <summary>In alphabetical order, as the lists below.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>By grain key.</summary>
    public IReadOnlyList<string> Companies { get; init; } = [];

    /// <summary>By the workspace's names.</summary>
    public IReadOnlyList<string> Pipelines { get; init; } = [];

    /// <summary>Tasks of which there is one for a customer.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Whether a contact was wanted.</summary>
    public bool IsContactWanted { get; init; }

    /// <summary>As in <see cref="CustomerState.Mentioned"/>.</summary>
    public IReadOnlyDictionary<string, CompanyMention>? Mentioned { get; init; }

    /// <summary>Handed over once: as in <see cref="CustomerState.Waiting"/>.</summary>
    public IReadOnlyList<WaitingCommand>? Waiting { get; init; }

    /// <summary>Handed over once: as in <see cref="CustomerState.Sequences"/>.</summary>
    public IReadOnlyDictionary<string, RunningSequence>? Sequences { get; init; }

    /// <summary>As in <see cref="CustomerState.Deals"/>.</summary>
    public IReadOnlyDictionary<string, string>? Deals { get; init; }

    /// <summary>All that a customer has now, with what others brought.</summary>
    internal static CustomerShare Of(CustomerState state) => new()
    {
        Fields = state.Fields,
        Emails = state.Emails,
        Companies = state.Companies,
        Pipelines = state.Pipelines,
        Tasks = state.Tasks,
        IsContactWanted = state.IsContactWanted,
        Mentioned = state.Mentioned,
        Waiting = state.Waiting,
        Sequences = state.Sequences,
        Deals = state.Deals,
    };

    /// <summary>The share after a turn of the customer's own.</summary>
    /// <param name="said">What its event said.</param>
    /// <param name="mark">Of the event.</param>
    /// <param name="emails">Addresses that the event gave.</param>
    /// <param name="before">The customer before the turn.</param>
    /// <param name="after">The customer after it.</param>
    internal CustomerShare After(
        IEnumerable<KeyValuePair<string, FieldValue?>> said, Watermark mark, IEnumerable<string> emails, CustomerState before, CustomerState after) => this with
    {
        Fields = FieldSet.Merge(Fields, said, mark).Fields,
        Emails = Names.Union(Emails, emails),
        Companies = Names.Union(Companies, after.Companies.Except(before.Companies, StringComparer.Ordinal)),
        Pipelines = Names.Union(Pipelines, after.Pipelines.Except(before.Pipelines, StringComparer.Ordinal)),
        Tasks = Names.Union(Tasks, after.Tasks.Except(before.Tasks, StringComparer.Ordinal)),
        IsContactWanted = after.IsContactWanted,
    };
}

/// <summary>Sets of names, in alphabetical order, so that any order of events ends in the same state.</summary>
internal static class Names
{
    public static IReadOnlyList<string> With(IReadOnlyList<string> names, string name) =>
        names.Contains(name, StringComparer.Ordinal) ? names : [.. names.Append(name).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Union(IReadOnlyList<string> names, IEnumerable<string> others)
    {
        if (others is IReadOnlyList<string> { Count: <= 1 } few)
            return few.Count == 0 ? names : With(names, few[0]);
        var missing = others.Where(other => !names.Contains(other, StringComparer.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        return missing.Count == 0 ? names : [.. names.Concat(missing).Order(StringComparer.Ordinal)];
    }
}
