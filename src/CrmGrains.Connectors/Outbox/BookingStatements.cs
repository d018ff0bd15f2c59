using System.Text.Json;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using Npgsql;

namespace CrmGrains.Connectors.Outbox;

/// <summary>The parameters of the statements that book a batch: an array for each column.</summary>
internal static class BookingStatements
{
    public static void Commands(NpgsqlParameterCollection parameters, IReadOnlyList<BookedCommand> booked)
    {
        parameters.AddTyped("ids", booked.Select(b => b.Command.Id).ToArray());
        parameters.AddTyped("states", booked.Select(b => b.State).ToArray());
        parameters.AddTyped("attempts", booked.Select(b => b.Attempts).ToArray());
        parameters.AddTyped("uncertain", booked.Select(b => b.IsUncertain).ToArray());
        parameters.AddTyped("delays", booked.Select(b => b.Delay).ToArray());
        parameters.AddTyped("crm_ids", booked.Select(b => b.CrmId).ToArray());
        parameters.AddTyped("actions", booked.Select(b => b.Action).ToArray());
        parameters.AddTyped("hashes", booked.Select(b => b.ResponseHash).ToArray());
        parameters.AddTyped("errors", booked.Select(b => b.Error).ToArray());
        parameters.AddTyped("details", booked.Select(b => b.Detail).ToArray());
        parameters.AddTyped("befores", booked.Select(b => b.Images.Before).ToArray());
        parameters.AddTyped("afters", booked.Select(b => b.Images.After).ToArray());
    }

    public static void Links(NpgsqlParameterCollection parameters, string account, IReadOnlyList<BookedLink> links)
    {
        parameters.AddTyped("account", account);
        parameters.AddTyped("objects", links.Select(l => l.Record.Object).ToArray());
        parameters.AddTyped("grains", links.Select(l => l.Record.Grain).ToArray());
        parameters.AddTyped("crm_ids", links.Select(l => l.Link.CrmId).ToArray());
        parameters.AddTyped("command_ids", links.Select(l => l.Link.WrittenFor).ToArray());
    }

    public static void Calls(NpgsqlParameterCollection parameters, string account, IReadOnlyList<BookedCall> calls)
    {
        parameters.AddTyped("account", account);
        parameters.AddTyped("methods", calls.Select(c => StoredText.Of(c.Call.Method, StoredText.MaxNameChars)).ToArray());
        parameters.AddTyped("paths", calls.Select(c => StoredText.Of(c.Call.Path, StoredText.MaxDetailChars)).ToArray());
        parameters.AddTyped("requests", calls.Select(c => StoredText.Of(c.Call.Request, StoredText.MaxBodyChars)).ToArray());
        parameters.AddTyped("statuses", calls.Select(c => c.Call.Status).ToArray());
        parameters.AddTyped("responses", calls.Select(c => StoredText.Of(c.Call.Response, StoredText.MaxBodyChars)).ToArray());
        parameters.AddTyped("outcomes", calls.Select(c => StoredText.Of(c.Call.Outcome, StoredText.MaxNameChars)).ToArray());
        parameters.AddTyped("began", calls.Select(c => c.Call.BeganAt.ToUniversalTime()).ToArray());
        parameters.AddTyped("took", calls.Select(c => c.Call.Took.TotalMilliseconds).ToArray());
        parameters.AddTyped("quotas", calls.Select(c => c.Call.QuotaLeft).ToArray());

        // Numbered from 1, as WITH ORDINALITY does.
        var attempts = calls
            .SelectMany((call, index) => call.Attempts.Select(attempt => (attempt.CommandId, attempt.Attempt, Number: index + 1L)))
            .ToList();
        parameters.AddTyped("command_ids", attempts.Select(a => a.CommandId).ToArray());
        parameters.AddTyped("command_attempts", attempts.Select(a => a.Attempt).ToArray());
        parameters.AddTyped("numbers", attempts.Select(a => a.Number).ToArray());
    }

    public static void DeadLetters(NpgsqlParameterCollection parameters, IReadOnlyList<BookedCommand> dead)
    {
        parameters.AddTyped("ids", dead.Select(d => d.Command.Id).ToArray());
        parameters.AddTyped("errors", dead.Select(d => d.Detail is null ? d.Error ?? "unknown" : $"{d.Error}: {d.Detail}").ToArray());
    }

    public static void Messages(NpgsqlParameterCollection parameters, IReadOnlyList<BookedCommand> ended)
    {
        var messages = ended.Select(e => (Message)new Message.CommandCompleted(e.Result)).ToList();
        parameters.AddTyped("kinds", messages.Select(m => m.Name).ToArray());
        parameters.AddTyped("partitions", ended.Select(e => e.Command.Partition).ToArray());
        parameters.AddTyped("workspaces", ended.Select(e => e.Command.Workspace).ToArray());
        parameters.AddTyped("grains", ended.Select(e => e.Command.Grain).ToArray());
        parameters.AddTyped("event_ids", ended.Select(e => e.Command.EventId).ToArray());
        parameters.AddTyped("bodies", messages.Select(m => JsonSerializer.Serialize(m, CoreJson.Default.Message)).ToArray());
    }

    public static void AccountState(NpgsqlParameterCollection parameters, string account, string? pauseReason)
    {
        parameters.AddTyped("account", account);
        parameters.AddTyped("reason", pauseReason);
    }

    /// <summary>The type says which PostgreSQL type it is, an array of nulls or an empty one included.</summary>
    public static void AddTyped<T>(this NpgsqlParameterCollection parameters, string name, T value) =>
        parameters.Add(new NpgsqlParameter<T>(name, value));

    public static string? GetText(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
