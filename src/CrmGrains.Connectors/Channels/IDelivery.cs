namespace CrmGrains.Connectors.Channels;

/// <summary>What one kind of channel does with one command.</summary>
internal interface IDelivery
{
    /// <summary>The kind of command that it carries; others have come to the wrong channel.</summary>
    string Object { get; }

    /// <summary>
    /// Commands on their way at once. One where a command can't be looked for afterwards: a crash then leaves one question, not many.
    /// </summary>
    int AtOnce { get; }

    /// <summary>Carries a command out. Never throws for what the other side does or fails to do.</summary>
    Task<WriteOutcome> DeliverAsync(Write write, ICallLog calls, CancellationToken cancellationToken);

    /// <summary>Tells, without delivering anything, whether the channel can be used (again).</summary>
    /// <returns>Null where it can; otherwise the class of the error.</returns>
    Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken);
}
