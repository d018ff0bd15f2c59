using System.Buffers.Binary;
using System.Text.Json;

namespace CrmGrains.Intake.Replays;

/// <summary>Which deliveries are meant; what is null is no condition. At least the workspace is named.</summary>
public sealed record ReplayFilter
{
    /// <summary>The business.</summary>
    public required string Workspace { get; init; }

    /// <summary>One event, by the id that its sender was answered with.</summary>
    public Guid? Event { get; init; }

    /// <summary>Those of one source.</summary>
    public string? Source { get; init; }

    /// <summary>Those that became an event of this type.</summary>
    public string? Type { get; init; }

    /// <summary>Those that came to this outcome last, for example <c>rejected</c> or <c>route</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>Those that a customer was told of, by its key.</summary>
    public string? Customer { get; init; }

    /// <summary>UTC; those that were received then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>UTC; those that were received before. Null: before the replay was asked for.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>A replay: what was asked for, by whom, and how far it is.</summary>
public sealed record Replay
{
    /// <summary>Its number, in ledger entries too.</summary>
    public required long Id { get; init; }

    /// <summary><c>previewed</c>, <c>running</c>, <c>completed</c> or <c>canceled</c>.</summary>
    public required string State { get; init; }

    /// <summary>What is replayed.</summary>
    public required ReplayFilter Filter { get; init; }

    /// <summary>Deliveries that are meant, as counted for the preview; once it is completed, those that were sent.</summary>
    public required long Total { get; init; }

    /// <summary>Deliveries that were put into their queues once more.</summary>
    public required long Sent { get; init; }

    /// <summary>Of those, how many were handled.</summary>
    public required long Handled { get; init; }

    /// <summary>What became of those that were handled, by outcome.</summary>
    public required IReadOnlyDictionary<string, long> Outcomes { get; init; }

    /// <summary>The name of the key that asked for it.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>The name of the key that started it.</summary>
    public string? StartedBy { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The name of the key that canceled it.</summary>
    public string? CanceledBy { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What it would do, as of when it was asked for.</summary>
    public required JsonElement Preview { get; init; }
}

/// <summary>The ids of deliveries begin with their time (UUIDv7), so a range of time is a range of ids.</summary>
internal static class DeliveryIds
{
    // An id is drawn by the gateway's clock, and a delivery is received by the database's.
    private static readonly TimeSpan Apart = TimeSpan.FromHours(1);

    /// <summary>No delivery that was received then or later has a lower id.</summary>
    public static Guid Before(DateTimeOffset? from) => from is { } at ? Of(at - Apart, rest: 0) : Guid.Empty;

    /// <summary>No delivery that was received before has a higher id.</summary>
    public static Guid After(DateTimeOffset to) => Of(to + Apart, rest: 0xFF);

    private static Guid Of(DateTimeOffset at, byte rest)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Fill(rest);
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, Math.Max(0, at.ToUnixTimeMilliseconds()));
        time[2..].CopyTo(bytes);
        return new Guid(bytes, bigEndian: true);
    }
}
