using System.Text.Json.Serialization;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Undo;

namespace CrmGrains.Core.Commands;

/// <summary>What commands are about, the records of a CRM before all, by the name that commands, rows and metrics carry.</summary>
public static class CrmObject
{
    /// <summary>A person.</summary>
    public const string Contact = "contact";

    /// <summary>A company.</summary>
    public const string Company = "company";

    /// <summary>A deal.</summary>
    public const string Deal = "deal";

    /// <summary>A link between two records.</summary>
    public const string Association = "association";

    /// <summary>A note on records.</summary>
    public const string Note = "note";

    /// <summary>A task for a person.</summary>
    public const string Task = "task";

    /// <summary>A mail; not of a CRM but of a channel, like those below.</summary>
    public const string Mail = "mail";

    /// <summary>A notice to the business' own people.</summary>
    public const string Notice = "notice";

    /// <summary>A call of somebody's webhook.</summary>
    public const string Webhook = "webhook";

    /// <summary>A file that is dropped.</summary>
    public const string File = "file";
}

/// <summary>A record in the CRM, named by the grain that it stands for; the connector knows the CRM's own id of it.</summary>
/// <param name="Object"><see cref="CrmObject.Contact"/>, <see cref="CrmObject.Company"/> or <see cref="CrmObject.Deal"/>.</param>
/// <param name="Grain">Whose record it is.</param>
/// <param name="Required">Whether a command waits for the record as long as it takes. One that isn't required is left out once writing it was given up.</param>
public sealed record RecordRef(string Object, GrainId Grain, bool Required = true);

/// <summary>
/// One wanted change in a CRM, in the words of the contract and not of any vendor; the account's field map names the properties.
/// Says what the record shall be, not how it differs: carried out twice, it changes nothing the second time. Or one message that shall go
/// out on a channel of the workspace. A closed set.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(UpsertContact), "upsert_contact")]
[JsonDerivedType(typeof(UpsertCompany), "upsert_company")]
[JsonDerivedType(typeof(UpsertDeal), "upsert_deal")]
[JsonDerivedType(typeof(Associate), "associate")]
[JsonDerivedType(typeof(WriteNote), "write_note")]
[JsonDerivedType(typeof(CreateTask), "create_task")]
[JsonDerivedType(typeof(SendMail), "send_mail")]
[JsonDerivedType(typeof(PostNotice), "post_notice")]
[JsonDerivedType(typeof(CallWebhook), "call_webhook")]
[JsonDerivedType(typeof(DropFile), "drop_file")]
[JsonDerivedType(typeof(Revert), "revert")]
public abstract record CrmCommand
{
    private CrmCommand() { }

    /// <summary>Which kind of record it changes: one of <see cref="CrmObject"/>.</summary>
    [JsonIgnore]
    public abstract string Object { get; }

    /// <summary>What is done to it, as plans and effect keys name it.</summary>
    [JsonIgnore]
    public abstract string Operation { get; }

    /// <summary>The workspace's channel that carries it; null, and so not stored: the CRM account does.</summary>
    public virtual string? Channel => null;

    /// <summary>Finds the contact by address and updates it, or creates it.</summary>
    /// <param name="Grain">The customer.</param>
    /// <param name="Email">Every address known, the main one first.</param>
    /// <param name="Fields">What the contact shall say, by contract name.</param>
    public sealed record UpsertContact(GrainId Grain, IReadOnlyList<string> Email, IReadOnlyDictionary<string, FieldValue> Fields) : CrmCommand
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Contact;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => "search_then_upsert";
    }

    /// <summary>Finds the company by domain, an alias of it or its additional domains, and updates it, or creates it.</summary>
    /// <param name="Grain">The company.</param>
    /// <param name="Domains">The main domain first, then its aliases in the workspace.</param>
    /// <param name="Fields">What the company shall say, by contract name. An existing name is kept.</param>
    public sealed record UpsertCompany(GrainId Grain, IReadOnlyList<string> Domains, IReadOnlyDictionary<string, FieldValue> Fields) : CrmCommand
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Company;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => "search_then_upsert";
    }

    /// <summary>Finds the contact's open deal in the pipeline and updates it, reopens one that was closed wrongly, or creates it.</summary>
    /// <param name="Grain">The deal.</param>
    /// <param name="Contact">Whose deal it is; searched for by it.</param>
    /// <param name="Company">The company that the deal is with, where one is known.</param>
    /// <param name="Pipeline">The CRM's id of the pipeline.</param>
    /// <param name="Stage">The CRM's id of the stage of a new deal.</param>
    /// <param name="MoveFrom">Stages in which an open deal is in the wrong place: it is moved to <paramref name="Stage"/>.</param>
    /// <param name="ReopenFrom">Closed stages from which a deal is reopened into <paramref name="Stage"/>; none: never.</param>
    /// <param name="OwnerEmail">Who shall own the deal; must be an active user of the CRM. Null: nobody is set.</param>
    /// <param name="Fields">What the deal shall say, by contract name.</param>
    public sealed record UpsertDeal(
        GrainId Grain,
        RecordRef Contact,
        RecordRef? Company,
        string Pipeline,
        string Stage,
        IReadOnlyList<string> MoveFrom,
        IReadOnlyList<string> ReopenFrom,
        string? OwnerEmail,
        IReadOnlyDictionary<string, FieldValue> Fields) : CrmCommand
    {
        /// <summary>True where the owner takes it over from whoever works on it; else who does keeps it. Null: not.</summary>
        public bool? HandsOver { get; init; }

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Deal;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => "search_then_create_or_update";
    }

    /// <summary>Links two records. Repeating it is harmless.</summary>
    public sealed record Associate(RecordRef From, RecordRef To) : CrmCommand
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Association;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => $"connect_{From.Object}_{To.Object}";
    }

    /// <summary>Writes a note on records; the effect key is put into it as a marker.</summary>
    /// <param name="At">UTC; the time that the note carries.</param>
    /// <param name="Title">Its first line.</param>
    /// <param name="Lines">The rest: a label and a text each.</param>
    /// <param name="On">The records that it is attached to; the first is the one that it is looked for by.</param>
    public sealed record WriteNote(DateTimeOffset At, string Title, IReadOnlyList<NoteLine> Lines, IReadOnlyList<RecordRef> On) : CrmCommand
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Note;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => "write_source_event_and_diagnostic_summary";
    }

    /// <summary>Creates a task for a person; the effect key is put into its body as a marker.</summary>
    /// <param name="Name">The task's name in the workspace's configuration.</param>
    /// <param name="Subject">One line.</param>
    /// <param name="Body">What to do and why.</param>
    /// <param name="DueAt">UTC.</param>
    /// <param name="Priority"><c>low</c>, <c>medium</c> or <c>high</c>.</param>
    /// <param name="OwnerEmail">Who shall do it; must be an active user of the CRM. Null: nobody is set.</param>
    /// <param name="On">The records that it is attached to; the first is the one that it is looked for by.</param>
    public sealed record CreateTask(
        string Name, string Subject, string Body, DateTimeOffset DueAt, string Priority, string? OwnerEmail, IReadOnlyList<RecordRef> On)
        : CrmCommand
    {
        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Task;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => $"create_{Name}";
    }

    /// <summary>Sends a mail to one person.</summary>
    /// <param name="Channel">A channel of kind <c>smtp</c>.</param>
    /// <param name="To">One bare address.</param>
    /// <param name="Subject">One line.</param>
    /// <param name="Text">The mail as plain text.</param>
    /// <param name="Html">The same for those who read HTML; null: there is only the text.</param>
    /// <param name="ReplyTo">One bare address; null: answers go to the sender.</param>
    /// <param name="Name">In snake_case; tells the mails of one event apart.</param>
    public sealed record SendMail(string Channel, string To, string Subject, string Text, string? Html, string? ReplyTo, string Name) : CrmCommand
    {
        /// <inheritdoc/>
        public override string Channel { get; } = Channel;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Mail;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => $"send_{Name}";
    }

    /// <summary>Tells the business' own people something.</summary>
    /// <param name="Channel">A channel of kind <c>slack</c>.</param>
    /// <param name="Text">Plain text.</param>
    /// <param name="Name">In snake_case; tells the notices of one event apart.</param>
    public sealed record PostNotice(string Channel, string Text, string Name) : CrmCommand
    {
        /// <inheritdoc/>
        public override string Channel { get; } = Channel;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Notice;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => $"post_{Name}";
    }

    /// <summary>Calls somebody's webhook, signed; the receiver knows a repeat by its id, which is made of the effect key.</summary>
    /// <param name="Channel">A channel of kind <c>webhook</c>.</param>
    /// <param name="Type">What happened, for example <c>customer.onboarded</c>.</param>
    /// <param name="Payload">JSON.</param>
    /// <param name="Name">In snake_case; tells the calls of one event apart.</param>
    public sealed record CallWebhook(string Channel, string Type, string Payload, string Name) : CrmCommand
    {
        /// <inheritdoc/>
        public override string Channel { get; } = Channel;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.Webhook;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => $"call_{Name}";
    }

    /// <summary>Puts a file into a folder; one that is there already is left as it is.</summary>
    /// <param name="Channel">A channel of kind <c>file</c>.</param>
    /// <param name="FileName">What it shall be called; what doesn't belong into a name is replaced, and a mark is added that keeps names apart.</param>
    /// <param name="Content">Text.</param>
    /// <param name="Name">In snake_case; tells the files of one event apart.</param>
    public sealed record DropFile(string Channel, string FileName, string Content, string Name) : CrmCommand
    {
        /// <inheritdoc/>
        public override string Channel { get; } = Channel;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => CrmObject.File;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => $"drop_{Name}";
    }

    /// <summary>
    /// Takes an earlier command back: archives what it made, gives fields back what they had. What was changed since is left as it is, and a
    /// person is told. Repeating it is harmless.
    /// </summary>
    /// <param name="Of">Which kind of record the earlier command wrote.</param>
    /// <param name="Target">Its effect key.</param>
    /// <param name="TargetId">Its id.</param>
    /// <param name="Grain">Whose record it is; null for what stands alone: links, notes and tasks.</param>
    /// <param name="CrmId">The CRM's id of the record; null for a link.</param>
    /// <param name="Before">What was there before.</param>
    /// <param name="After">What was written: whatever differs from it was changed since.</param>
    /// <param name="GoingToo">Records that may be tied to it still when it goes, each as <c>object:id</c>.</param>
    public sealed record Revert(
        string Of, string Target, long TargetId, GrainId? Grain, string? CrmId, RecordImage Before, RecordImage After, IReadOnlyList<string> GoingToo)
        : CrmCommand
    {
        /// <summary>The operation's name.</summary>
        public const string Name = "revert";

        /// <summary>The error of one that found the record changed.</summary>
        public const string ChangedSince = "changed_since";

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Object => Of;

        /// <inheritdoc/>
        [JsonIgnore]
        public override string Operation => Name;
    }
}

/// <summary>One labelled line of a note.</summary>
public sealed record NoteLine(string Label, string Text);
