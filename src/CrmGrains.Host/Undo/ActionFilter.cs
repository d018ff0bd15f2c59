using CrmGrains.Core.Grains;

namespace CrmGrains.Host.Undo;

/// <summary>Which commands are meant; what is left out is no condition.</summary>
internal sealed record ActionFilter
{
    public required string Workspace { get; init; }

    /// <summary>One command, by its id.</summary>
    public long? Id { get; init; }

    public Guid? Event { get; init; }

    /// <summary>The key of a customer.</summary>
    public string? Customer { get; init; }

    /// <summary>The hash of the configuration under which they were asked for.</summary>
    public string? Configuration { get; init; }

    /// <summary>Asked for then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Asked for before.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Which kind of record they write, or what they do to it.</summary>
    public string? Action { get; init; }

    /// <summary>Whether it says which commands; without that a plan would be one of all there ever were.</summary>
    public bool SaysWhich => Id is not null || Event is not null || Customer is not null || Configuration is not null || From is not null;

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? Fault => From >= To ? "`from` must be before `to`."
        : Customer is { } customer && !GrainId.TryParse($"{Workspace}/{GrainKind.Customer}/{customer}", out _) ? "`customer` is the key of a customer, as /v1/customers has it."
        : new[] { Customer, Configuration, Action }.Any(text => text is { Length: 0 or > 200 }) ? "A text of the filter has 1 to 200 characters."
        : null;

    /// <summary>The parameters of the statements.</summary>
    /// <param name="before">Older than this command.</param>
    /// <param name="limit">The most.</param>
    public object Parameters(long? before, int limit) => new
    {
        workspace = Workspace,
        id = Id,
        @event = Event,
        from = From?.UtcDateTime,
        to = To?.UtcDateTime,
        action = Action,
        configuration = Configuration,
        customer = Customer is null ? null : $"{Workspace}/{GrainKind.Customer}/{Customer}",
        deals = Customer is null ? null : $"{Workspace}/{GrainKind.Deal}/{Customer}/",
        before,
        limit,
    };
}
