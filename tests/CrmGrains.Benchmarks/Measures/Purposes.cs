namespace CrmGrains.Benchmarks.Measures;

/// <summary>What each table and index is for, in a line.</summary>
internal static class Purposes
{
    private static readonly Dictionary<string, string> Of = new(StringComparer.Ordinal)
    {
        ["raw_event"] = "the delivery's exact bytes and headers: the evidence",
        ["raw_event (toast)"] = "bodies too long for a page",
        ["raw_event: one_event_a_delivery"] = "recognizes a repeated delivery",
        ["raw_event: raw_event_pkey"] = "finds a delivery by its event, for intake and traces",
        ["event"] = "the normalized event, which turns, traces and replays read",
        ["event (toast)"] = "normalized events too long for a page",
        ["event: one_logical_event"] = "recognizes a logical event that two deliveries told",
        ["event: event_pkey"] = "finds an event for its turn",
        ["message"] = "the mailboxes: rows of what waits, reused once it was handled",
        ["message (toast)"] = "messages too long for a page",
        ["message: message_pkey"] = "the order of each mailbox",
        ["grain"] = "the state of each customer, company and deal",
        ["grain (toast)"] = "states too long for a page",
        ["grain: grain_pkey"] = "finds a state",
        ["identity"] = "which customer an identifier belongs to",
        ["identity: identity_pkey"] = "finds the customer of an identifier",
        ["identity: identity_by_customer"] = "finds the identifiers of a customer",
        ["ledger"] = "what each turn did and why, hash-chained",
        ["ledger (toast)"] = "details too long for a page",
        ["ledger: ledger_pkey"] = "the order of each chain",
        ["ledger: ledger_by_event"] = "finds the entries of an event, for traces",
        ["command"] = "the wanted changes in the CRM, with their state and receipt",
        ["command (toast)"] = "commands too long for a page",
        ["command: command_pkey"] = "finds a command when it is booked",
        ["command: one_command_an_effect_of_an_event"] = "asks for an effect once; finds the commands of an event",
        ["command: command_waiting"] = "what the connector takes next",
        ["command: command_sent"] = "what was sent and isn't booked",
        ["command: command_blocked"] = "what waits for a record",
        ["timer"] = "what is due later",
        ["partition"] = "who runs a partition, and the head of its chain",
        ["WAL"] = "the log that makes it durable; recycled after checkpoints",
    };

    public static string For(string name) => Of.GetValueOrDefault(name, "not described yet");
}
