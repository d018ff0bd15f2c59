using System.Text.Json.Serialization;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;

namespace CrmGrains.Core.Grains;

/// <summary>What a turn asks for, carried out in the transaction that commits its state. A closed set.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "effect")]
[JsonDerivedType(typeof(Send), "send")]
[JsonDerivedType(typeof(SetTimer), "set_timer")]
[JsonDerivedType(typeof(CancelTimer), "cancel_timer")]
[JsonDerivedType(typeof(Enqueue), "enqueue")]
[JsonDerivedType(typeof(OpenReview), "open_review")]
[JsonDerivedType(typeof(CloseReview), "close_review")]
public abstract record Effect
{
    private Effect() { }

    /// <summary>Tells another grain, or this one, something. It arrives once, after whatever this grain told it before.</summary>
    public sealed record Send(GrainId To, Message Message) : Effect;

    /// <summary>Sets a timer of this grain; one of the same name is replaced.</summary>
    public sealed record SetTimer(string Timer, DateTimeOffset DueAt) : Effect;

    /// <summary>Cancels a timer of this grain; harmless where there is none.</summary>
    public sealed record CancelTimer(string Timer) : Effect;

    /// <summary>Queues a command. Its effect key is made of the event, the step, the object and the operation, so that it is done once.</summary>
    /// <param name="Step">Its place in the plan, from 1.</param>
    /// <param name="Command">What is wanted.</param>
    /// <param name="EventId">The event that it is done once for, where that isn't the one of this turn.</param>
    /// <param name="Replay">
    /// The replay in which a state turned out to lack something: its key is another one than that of the event's first turn. Null for what is
    /// there once for an event, such as a note, however often it is replayed.
    /// </param>
    public sealed record Enqueue(int Step, CrmCommand Command, Guid? EventId = null, long? Replay = null) : Effect;

    /// <summary>Puts something before a person. One that is open under the same key already is left as it is.</summary>
    /// <param name="Key">Tells items apart within the workspace.</param>
    /// <param name="Reason">A stable name, for example <c>inactive_owner</c>.</param>
    /// <param name="Summary">What happened and what a person can do about it, in one sentence without personal data.</param>
    /// <param name="Proposal">What a person is asked to approve; null where the item asks for something else.</param>
    public sealed record OpenReview(string Key, string Reason, string Summary, Proposal? Proposal = null) : Effect;

    /// <summary>Takes an item back that is no longer a question.</summary>
    public sealed record CloseReview(string Key, string Resolution) : Effect;
}
