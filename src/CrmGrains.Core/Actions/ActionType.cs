namespace CrmGrains.Core.Actions;

/// <summary>A kind of action that the system may propose. The kinds are a closed list: whatever isn't in it can't be asked for.</summary>
/// <param name="Name">In snake_case, as the configuration and the ledger name it. Autonomy is granted by it.</param>
/// <param name="Tier">How risky it is where it can be taken back.</param>
/// <param name="IsReversible">Whether it has an inverse: what is written keeps what was there before.</param>
/// <param name="Channel">How it is carried out: <c>crm</c>, a kind of channel, or <c>person</c>.</param>
/// <param name="About">What it does, for people.</param>
public sealed record ActionType(string Name, RiskTier Tier, bool IsReversible, string Channel, string About)
{
    /// <summary>Carried out in the CRM.</summary>
    public const string Crm = "crm";

    /// <summary>Carried out by a person, who is given a task.</summary>
    public const string Person = "person";

    /// <summary>The tier that counts: what can't be taken back is one tier riskier.</summary>
    public RiskTier EffectiveTier => IsReversible || Tier == RiskTier.Critical ? Tier : Tier + 1;

    /// <summary>All of them, the least risky first.</summary>
    public static IReadOnlyList<ActionType> All { get; } =
    [
        new("add_note", RiskTier.Low, true, Crm, "Writes a note on the customer."),
        new("create_task", RiskTier.Low, true, Crm, "Gives a person a task."),
        new("classify", RiskTier.Low, true, Crm, "Writes a classification into fields of the contact."),
        new("drop_file", RiskTier.Low, false, "file", "Puts a file into a folder."),
        new("notify", RiskTier.Low, false, "slack", "Tells colleagues."),
        new("update_contact", RiskTier.Medium, true, Crm, "Changes fields of the contact."),
        new("move_stage", RiskTier.Medium, true, Crm, "Moves the customer's deal to another stage."),
        new("set_owner", RiskTier.Medium, true, Crm, "Gives the customer's deal another owner."),
        new("call_webhook", RiskTier.Medium, false, "webhook", "Tells another system, which may act on it."),
        new("send_message", RiskTier.Medium, false, "smtp", "Writes to the customer."),
        new("commit_schedule", RiskTier.Medium, false, "webhook", "Commits to an appointment."),
        new("create_invoice", RiskTier.Medium, false, "webhook", "Bills the customer."),
        new("refund", RiskTier.Critical, false, Person, "Pays money back."),
        new("cancel_service", RiskTier.Critical, false, Person, "Ends what the customer has."),
        new("change_contract", RiskTier.Critical, false, Person, "Changes the terms of a contract."),
        new("expose_data", RiskTier.Critical, false, Person, "Hands sensitive data to somebody."),
    ];

    private static readonly Dictionary<string, ActionType> ByName = All.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>The kind of a name; null where there is none.</summary>
    public static ActionType? Find(string name) => ByName.GetValueOrDefault(name);
}
