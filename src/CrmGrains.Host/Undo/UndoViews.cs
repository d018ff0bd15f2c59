using System.Text.Json.Serialization;

namespace CrmGrains.Host.Undo;

/// <summary>Which commands shall be taken back; what is left out is no condition.</summary>
internal sealed record UndoRequest
{
    public string? Workspace { get; init; }

    public Guid? Event { get; init; }

    public string? Customer { get; init; }

    /// <summary>The hash of a configuration: what was asked for under it.</summary>
    public string? Configuration { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>A kind of record (<c>note</c>) or what is done to it (<c>create_call_back</c>).</summary>
    public string? Action { get; init; }
}

/// <summary>A plan to take commands back, and how far it is.</summary>
internal sealed record UndoView
{
    public Guid Id { get; init; }

    public string Workspace { get; init; } = "";

    /// <summary><c>planned</c>, <c>approved</c> or <c>rejected</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Whether there is more than one plan holds: ask again once this one is done.</summary>
    public bool HasMore { get; init; }

    public string RequestedBy { get; init; } = "";

    public DateTime RequestedAt { get; init; }

    public string? AnsweredBy { get; init; }

    public DateTime? AnsweredAt { get; init; }

    /// <summary>How many steps there are of each class.</summary>
    public IReadOnlyDictionary<string, int> Classes { get; init; } = new Dictionary<string, int>();

    /// <summary>The newest first.</summary>
    public IReadOnlyList<UndoStepView> Steps { get; init; } = [];
}

internal sealed record UndoStepView
{
    public int Number { get; init; }

    /// <summary>The command's id.</summary>
    public long Command { get; init; }

    public Guid? EventId { get; init; }

    public string? Object { get; init; }

    public string? Operation { get; init; }

    /// <summary>One of <see cref="Core.Undo.ConflictClass"/>.</summary>
    public string Class { get; init; } = "";

    public string Reason { get; init; } = "";

    /// <summary>What it gives back, by name.</summary>
    public string[] Fields { get; init; } = [];

    public DateTime? RevertedAt { get; init; }
}

internal sealed record ActionPage(IReadOnlyList<ActionView> Items);

/// <summary>One command: what the system did, or is about to do.</summary>
internal sealed record ActionView
{
    public long Id { get; init; }

    public string Workspace { get; init; } = "";

    public string EffectKey { get; init; } = "";

    public Guid? EventId { get; init; }

    public string Grain { get; init; } = "";

    public string Object { get; init; } = "";

    public string Operation { get; init; } = "";

    public string State { get; init; } = "";

    public string? Action { get; init; }

    public string? CrmId { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime? EndedAt { get; init; }

    public DateTime? RevertedAt { get; init; }

    /// <summary>Whether it has an inverse and, once it is carried out, what was there before was kept.</summary>
    public bool IsReversible => Core.Undo.UndoPlan.IsReversible(Object) && (HasImage || State is "waiting" or "blocked" or "sent");

    [JsonIgnore]
    public bool HasImage { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UndoRequest))]
[JsonSerializable(typeof(ActionFilter))]
[JsonSerializable(typeof(UndoView))]
[JsonSerializable(typeof(ActionPage))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class UndoJson : JsonSerializerContext;
