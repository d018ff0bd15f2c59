using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Silos;

/// <summary>The statements that write a batch's rows, one for each table.</summary>
internal static class BatchStatements
{
    public static void Add(NpgsqlBatch batch, BatchRows rows)
    {
        States(batch, rows.States);
        Ledger(batch, rows);
        Messages(batch, rows.Messages);
        Commands(batch, rows.Commands);
        Close(batch, rows.ClosedBefore);
        Open(batch, rows.Opened);
        Close(batch, rows.Closed);
        Timers(batch, rows);
        DeadLetters(batch, rows.Failures);
        Notes(batch, rows);
    }

    private static void States(NpgsqlBatch batch, IReadOnlyList<GrainWrite> states)
    {
        if (states.Count == 0)
            return;
        var replaced = states.Where(state => state.Before > 0).ToList();
        if (replaced.Count > 0)
            Statement(batch, BatchSql.RemoveStates)
                .Ints(replaced.Column(state => state.Partition))
                .Texts(replaced.Column(state => state.Grain))
                .Longs(replaced.Column(state => state.Before))
                .With(NpgsqlDbType.Bigint, (long)replaced.Count);
        Statement(batch, BatchSql.AddStates)
            .Ints(states.Column(state => state.Partition))
            .Texts(states.Column(state => state.Grain))
            .Longs(states.Column(state => state.Version))
            .Utf8(states.Column(state => state.State));
    }

    private static void Ledger(NpgsqlBatch batch, BatchRows rows)
    {
        if (rows.Ledger is { Count: > 0 } ledger)
            Statement(batch, BatchSql.WriteLedger)
                .Ints(ledger.Column(entry => entry.Partition))
                .Longs(ledger.Column(entry => entry.Position))
                .Texts(ledger.Column(entry => entry.Turn.Message.Workspace))
                .Texts(ledger.Column(entry => entry.Turn.Message.Grain))
                .Longs(ledger.Column(entry => entry.Turn.Version))
                .Longs(ledger.Column(entry => entry.Turn.Message.Id))
                .Texts(ledger.Column(entry => entry.Turn.Message.Kind))
                .Texts(ledger.Column(entry => entry.Turn.Outcome))
                .Uuids(ledger.Column(entry => entry.Turn.EventId))
                .Texts(ledger.Column(entry => entry.Turn.Configuration))
                .With(NpgsqlDbType.Uuid, rows.Silo)
                .Instants(ledger.Column(entry => entry.BeganAt))
                .Utf8(ledger.Column(entry => entry.Turn.Detail))
                .Bytes(ledger.Column(entry => entry.Salt))
                .Bytes(ledger.Column(entry => entry.DetailHash))
                .Bytes(ledger.Column(entry => entry.Hash));
    }

    private static void Messages(NpgsqlBatch batch, IReadOnlyCollection<OutgoingMessage> messages)
    {
        if (messages.Count > 0)
            Statement(batch, MailboxSql.Send)
                .Ints(messages.Column(message => message.Partition))
                .Texts(messages.Column(message => message.Workspace))
                .Texts(messages.Column(message => message.Grain))
                .Texts(messages.Column(message => message.Kind))
                .Uuids(messages.Column(message => message.EventId))
                .Utf8(messages.Column(message => message.Body));
    }

    // A mailbox handles what waited in it, then what was forwarded, then timers: so do these statements, and each lane keeps its order.
    private static void Commands(NpgsqlBatch batch, IReadOnlyCollection<QueuedCommand> commands)
    {
        foreach (var phase in commands.GroupBy(command => PhaseOf(command.Turn.Message)).OrderBy(phase => phase.Key).Select(phase => phase.ToList()))
            Statement(batch, phase.TrueForAll(command => command.IsNew) ? BatchSql.EnqueueNew : BatchSql.Enqueue)
                .Texts(phase.Column(command => command.Turn.Message.Workspace))
                .Texts(phase.Column(command => command.Account))
                .Texts(phase.Column(command => command.EffectKey))
                .Uuids(phase.Column(command => command.EventId))
                .Texts(phase.Column(command => command.Turn.Message.Grain))
                .Ints(phase.Column(command => command.Turn.Message.Partition))
                .Texts(phase.Column(command => command.Command.Object))
                .Texts(phase.Column(command => command.Command.Operation))
                .Texts(phase.Column(command => command.Lane))
                .Utf8(phase.Column(command => JsonSerializer.SerializeToUtf8Bytes(command.Command, CoreJson.Default.CrmCommand)));
    }

    private static int PhaseOf(MailboxMessage message) => message.Timer is not null ? 2 : message.Parsed is not null ? 1 : 0;

    private static void Open(NpgsqlBatch batch, IReadOnlyCollection<(TurnResult Turn, Effect.OpenReview Effect)> opened)
    {
        if (opened.Count > 0)
            Statement(batch, BatchSql.OpenReviews)
                .Texts(opened.Column(review => review.Turn.Message.Workspace))
                .Texts(opened.Column(review => review.Effect.Key))
                .Texts(opened.Column(review => review.Effect.Reason))
                .Texts(opened.Column(review => review.Effect.Summary))
                .Texts(opened.Column(review => review.Turn.Message.Grain))
                .Uuids(opened.Column(review => review.Effect.Proposal?.EventId ?? review.Turn.EventId))
                .Utf8(opened.Column(review => review.Effect.Proposal is { } proposal
                    ? JsonSerializer.SerializeToUtf8Bytes(proposal, CoreJson.Default.Proposal)
                    : null))
                .Ints(opened.Column(review => review.Effect.Proposal?.Round ?? 1))
                .Texts(opened.Column(review => review.Effect.Proposal?.Type))
                .Texts(opened.Column(review => review.Effect.Proposal?.Tier.Name()))
                .Instants(opened.Column(review => review.Effect.Proposal?.DueAt))
                .Instants(opened.Column(review => review.Effect.Proposal?.ExpiresAt));
    }

    private static void Close(NpgsqlBatch batch, IReadOnlyCollection<(TurnResult Turn, Effect.CloseReview Effect)> closed)
    {
        if (closed.Count > 0)
            Statement(batch, BatchSql.CloseReviews)
                .Texts(closed.Column(review => review.Turn.Message.Workspace))
                .Texts(closed.Column(review => review.Effect.Key))
                .Texts(closed.Column(review => review.Effect.Resolution));
    }

    private static void Timers(NpgsqlBatch batch, BatchRows rows)
    {
        if (rows.TimersSet is { Count: > 0 } set)
            Statement(batch, BatchSql.SetTimers)
                .Ints(set.Column(timer => timer.Turn.Message.Partition))
                .Texts(set.Column(timer => timer.Turn.Message.Grain))
                .Texts(set.Column(timer => timer.Name))
                .Uuids(set.Column(timer => timer.Turn.EventId))
                .Instants(set.Column(timer => timer.DueAt));
        if (rows.TimersCanceled is { Count: > 0 } canceled)
            Statement(batch, BatchSql.CancelTimers)
                .Texts(canceled.Column(timer => timer.Grain))
                .Texts(canceled.Column(timer => timer.Name));
    }

    private static void DeadLetters(NpgsqlBatch batch, IReadOnlyCollection<TurnResult> dead)
    {
        if (dead.Count > 0)
            Statement(batch, BatchSql.DeadLetters)
                .Texts(dead.Column(turn => turn.Message.Workspace))
                .Ints(dead.Column(turn => turn.Message.Partition))
                .Texts(dead.Column(turn => turn.Message.Grain))
                .Texts(dead.Column(turn => turn.Message.Kind))
                .Uuids(dead.Column(turn => turn.Message.EventId))
                .Utf8(dead.Column(turn => turn.Message.Body))
                .Texts(dead.Column(turn => turn.Failure));
    }

    private static void Notes(NpgsqlBatch batch, BatchRows rows)
    {
        if (rows.Notes is { Count: > 0 } notes)
            Statement(batch, MailboxSql.Note)
                .Ints(notes.Column(note => note.Partition.Id))
                .With(NpgsqlDbType.Uuid, rows.Silo)
                .Longs(notes.Column(note => note.Partition.HeadPosition))
                .Bytes(notes.Column(note => note.Partition.HeadHash))
                .Longs(notes.Column(note => note.Mark));
    }

    private static NpgsqlParameterCollection Statement(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command.Parameters;
    }

    private static TColumn[] Column<TRow, TColumn>(this IReadOnlyCollection<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        var place = 0;
        foreach (var row in rows)
            column[place++] = value(row);
        return column;
    }
}
