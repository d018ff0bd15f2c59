using System.Text.Json.Serialization;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Undo;

namespace CrmGrains.Core.Grains;

/// <summary>Everything that can happen to a grain. A closed set; stored as JSON under the names given here.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "message")]
[JsonDerivedType(typeof(EventReceived), "event_received")]
[JsonDerivedType(typeof(PersonSeen), "person_seen")]
[JsonDerivedType(typeof(DealWanted), "deal_wanted")]
[JsonDerivedType(typeof(CustomerMerged), "customer_merged")]
[JsonDerivedType(typeof(CustomerAbsorbed), "customer_absorbed")]
[JsonDerivedType(typeof(MergeUndone), "merge_undone")]
[JsonDerivedType(typeof(CustomerReleased), "customer_released")]
[JsonDerivedType(typeof(CustomerChanged), "customer_changed")]
[JsonDerivedType(typeof(CommandCompleted), "command_completed")]
[JsonDerivedType(typeof(TimerFired), "timer_fired")]
[JsonDerivedType(typeof(ReviewAnswered), "review_answered")]
[JsonDerivedType(typeof(UndoWanted), "undo_wanted")]
[JsonDerivedType(typeof(AutonomyGranted), "autonomy_granted")]
[JsonDerivedType(typeof(AutonomyRevoked), "autonomy_revoked")]
public abstract record Message
{
    private Message() { }

    /// <summary>The name under which it is stored and counted.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>A source said something about this customer. The event itself is a row of its own; <see cref="Event"/> is filled in when the message is read.</summary>
    /// <param name="Match">How the event was matched to this customer, and why that is believed.</param>
    /// <param name="Validation">What intake checked of it.</param>
    public sealed record EventReceived(IdentityMatch Match, Validation Validation) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "event_received";

        /// <summary>The event; never null in a turn.</summary>
        [JsonIgnore]
        public ContractEvent? Event { get; init; }

        /// <summary>Why the source's configuration keeps the event as context only: its facts are taken in and nothing is done. Null: it is acted on.</summary>
        public string? ContextOnly { get; init; }

        /// <summary>The replay that sent it once more; null where it came by itself.</summary>
        public long? Replay { get; init; }

        /// <summary>Whether this customer was told of the event before; only in a replay.</summary>
        public bool? IsRepeat { get; init; }
    }

    /// <summary>A customer turned up who belongs to this company.</summary>
    /// <param name="Customer">Who it is.</param>
    /// <param name="Company">What the customer's sources call the company.</param>
    /// <param name="Mark">Of whoever said the company's name.</param>
    public sealed record PersonSeen(GrainId Customer, CompanyFacts Company, Watermark Mark) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "person_seen";

        /// <summary>The replay behind it; null where there is none.</summary>
        public long? Replay { get; init; }
    }

    /// <summary>A customer's lead qualifies for this deal.</summary>
    /// <param name="Customer">Whose deal it is.</param>
    /// <param name="Company">The customer's company, where one is known.</param>
    /// <param name="Pipeline">The workspace's name of the pipeline.</param>
    /// <param name="OwnerRole">Who shall own it, by role; null: nobody is set.</param>
    /// <param name="Fields">What the deal shall say and what it is named after, by contract name, each with the mark of whoever said it.</param>
    /// <param name="Mark">Of the event behind it; the owner is its word.</param>
    public sealed record DealWanted(
        GrainId Customer,
        GrainId? Company,
        string Pipeline,
        string? OwnerRole,
        IReadOnlyDictionary<string, Field> Fields,
        Watermark Mark) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "deal_wanted";

        /// <summary>The replay behind it; null where there is none.</summary>
        public long? Replay { get; init; }
    }

    /// <summary>This customer was merged into another one, whom everything that comes is passed on to from now on.</summary>
    /// <param name="Merge">The merge, by which it can be undone.</param>
    /// <param name="Into">Who stays.</param>
    /// <param name="Reason">Who asked for it: <c>person</c> or <c>crm</c>.</param>
    public sealed record CustomerMerged(Guid Merge, GrainId Into, string Reason) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "customer_merged";
    }

    /// <summary>Another customer was merged into this one. Told anew, it replaces what was told of the same merge before.</summary>
    /// <param name="Merge">The merge.</param>
    /// <param name="From">Who went.</param>
    /// <param name="Share">What that one brings.</param>
    public sealed record CustomerAbsorbed(Guid Merge, GrainId From, CustomerShare Share) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "customer_absorbed";
    }

    /// <summary>This customer's merge was undone.</summary>
    public sealed record MergeUndone(Guid Merge) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "merge_undone";
    }

    /// <summary>A customer who was merged into this one goes again, with what they brought.</summary>
    public sealed record CustomerReleased(Guid Merge, GrainId From) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "customer_released";
    }

    /// <summary>What is known of a deal's customer changed, without a new lead.</summary>
    /// <param name="Customer">Whose deal it is, now.</param>
    /// <param name="Companies">All of the customer's.</param>
    /// <param name="Fields">As in <see cref="DealWanted"/>.</param>
    public sealed record CustomerChanged(GrainId Customer, IReadOnlyList<GrainId> Companies, IReadOnlyDictionary<string, Field> Fields) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "customer_changed";

        /// <summary>The replay behind it; null where there is none.</summary>
        public long? Replay { get; init; }
    }

    /// <summary>A command that this grain asked for came to its end.</summary>
    public sealed record CommandCompleted(CommandResult Result) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "command_completed";
    }

    /// <summary>A person, or the end of its time, answered a proposal of this grain's.</summary>
    /// <param name="Review">The item.</param>
    /// <param name="Answer">What was said.</param>
    /// <param name="Proposal">As it was put before the person.</param>
    /// <param name="By">Who answered, the last of several who had to; nobody where it expired.</param>
    public sealed record ReviewAnswered(Guid Review, Answer Answer, Proposal Proposal, IReadOnlyList<string> By) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "review_answered";

        /// <summary>What shall be done instead, where the person changed it; null otherwise.</summary>
        public CrmCommand? Instead { get; init; }

        /// <summary>Why, in the person's words.</summary>
        public string? Reason { get; init; }

        /// <summary>True where a customer who was merged since hands it on; else null.</summary>
        public bool? IsHandedOn { get; init; }
    }

    /// <summary>A person approved that commands of this grain's are taken back.</summary>
    /// <param name="Undo">The undo, of which other messages may tell other commands.</param>
    /// <param name="Commands">The newest first.</param>
    /// <param name="By">Who approved it.</param>
    public sealed record UndoWanted(Guid Undo, IReadOnlyList<UndoneCommand> Commands, string By) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "undo_wanted";
    }

    /// <summary>A person signed that a kind of action goes without one.</summary>
    /// <param name="Action">One of <see cref="Actions.ActionType.All"/>, by name.</param>
    /// <param name="By">Who signed it.</param>
    /// <param name="Decided">The answers that it rests on.</param>
    /// <param name="Accepted">Those of them that accepted the proposal.</param>
    public sealed record AutonomyGranted(string Action, string By, int Decided, int Accepted) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "autonomy_granted";
    }

    /// <summary>A kind of action needs a person again.</summary>
    /// <param name="Action">One of <see cref="Actions.ActionType.All"/>, by name.</param>
    /// <param name="Why">In one sentence without personal data.</param>
    /// <param name="By">Who wants it so; null: the system noticed that it goes wrong.</param>
    public sealed record AutonomyRevoked(string Action, string Why, string? By = null) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "autonomy_revoked";
    }

    /// <summary>A timer that this grain had set came due.</summary>
    public sealed record TimerFired(string Timer, DateTimeOffset DueAt) : Message
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Name => "timer_fired";
    }
}

/// <summary>How an event was matched to a customer.</summary>
/// <param name="By">
/// The identifier that decided: <c>email</c>, <c>email_alias</c>, <c>email_tag</c>, <c>secondary_email</c>, <c>email_disposable</c>, <c>phone</c>,
/// <c>external_id</c>; or <c>new</c>.
/// </param>
/// <param name="Confidence">From 0 to 1.</param>
/// <param name="Evidence">The kinds of identifiers that pointed to the customer.</param>
/// <param name="Elsewhere">The kinds of those that pointed to another one and don't count against these; null where there were none.</param>
public sealed record IdentityMatch(string By, double Confidence, IReadOnlyList<string> Evidence, IReadOnlyList<string>? Elsewhere = null);
