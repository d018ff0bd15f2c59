namespace CrmGrains.FaultProxy;

/// <summary>Which way bytes go.</summary>
public enum Direction
{
    /// <summary>From the client to the server.</summary>
    ToServer,

    /// <summary>From the server to the client.</summary>
    ToClient,
}

/// <summary>What becomes of the bytes of one direction.</summary>
public enum Flow
{
    /// <summary>They go through.</summary>
    Pass,

    /// <summary>They wait, and go through late once they may pass again: a network that is cut off for a while.</summary>
    Hold,

    /// <summary>They are taken and lost, and whoever sent them isn't told: the half-open connection.</summary>
    Swallow,
}

/// <summary>How a connection is ended.</summary>
public enum Ending
{
    /// <summary>In order (FIN): the other end reads what is on the way, and then the end.</summary>
    Close,

    /// <summary>At once (RST): the other end gets an error.</summary>
    Reset,
}

/// <summary>The faults of one direction.</summary>
public sealed record DirectionFaults
{
    /// <summary>How long each piece (at most 16 KiB) is on its way.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The random part that is added to the delay, at most.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Whether it arrives at all. While it doesn't, the end of the connection isn't told either.</summary>
    public Flow Flow { get; init; }
}

/// <summary>The faults of a connection. They may change at any time and then hold for what is still on its way.</summary>
public sealed record LinkFaults
{
    /// <summary>A good network.</summary>
    public static LinkFaults None { get; } = new();

    /// <summary>From the client to the server.</summary>
    public DirectionFaults ToServer { get; init; } = new();

    /// <summary>From the server to the client.</summary>
    public DirectionFaults ToClient { get; init; } = new();

    /// <summary>Both directions are slow.</summary>
    public static LinkFaults Slow(TimeSpan delay, TimeSpan jitter)
    {
        var slow = new DirectionFaults { Delay = delay, Jitter = jitter };
        return new LinkFaults { ToServer = slow, ToClient = slow };
    }

    /// <summary>Nothing arrives in either direction, and the connection stays open.</summary>
    public static LinkFaults Silent(Flow flow) =>
        new() { ToServer = new DirectionFaults { Flow = flow }, ToClient = new DirectionFaults { Flow = flow } };

    internal DirectionFaults Of(Direction direction) => direction == Direction.ToServer ? ToServer : ToClient;
}

/// <summary>
/// Ends a connection at one byte of its stream: after so many from now on, or from where a text ends that is seen from now on. A text that
/// arrives in two pieces isn't held back, so of its first piece everything has passed by then.
/// </summary>
/// <param name="Direction">In which the bytes are counted.</param>
/// <param name="Bytes">
/// How many still pass; counted from the end of <see cref="After"/> where there is one, and then it may be negative, which cuts within
/// the text or before it.
/// </param>
public sealed record Cut(Direction Direction, long Bytes)
{
    /// <summary>A text of the protocol, for example <c>COMMIT</c>; null: the count begins at once.</summary>
    public string? After { get; init; }

    /// <summary>How both ends are told.</summary>
    public Ending Ending { get; init; }
}
