using System.Security.Cryptography;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Npgsql;
using NpgsqlTypes;

namespace CrmGrains.Runtime.Silos;

/// <summary>All rows that a batch leaves, gathered column by column and written with one statement a table.</summary>
internal sealed class BatchRows(Guid silo, DateTimeOffset beganAt, IReadOnlyDictionary<int, ClaimedPartition> partitions)
{
    private readonly List<GrainWrite> _states = [];
    private readonly List<OutgoingMessage> _messages = [];
    private readonly List<(TurnResult Turn, long Position, byte[] Salt, byte[] DetailHash, byte[] Hash)> _ledger = [];
    private readonly List<(TurnResult Turn, string EffectKey, string Lane, Effect.Enqueue Effect)> _commands = [];
    private readonly List<(TurnResult Turn, Effect.OpenReview Effect)> _opened = [];
    private readonly List<(TurnResult Turn, Effect.CloseReview Effect)> _closed = [];
    private readonly List<(TurnResult Turn, Effect.CloseReview Effect)> _closedBefore = [];
    private readonly Dictionary<(string Grain, string Timer), (TurnResult Turn, DateTimeOffset? DueAt)> _timers = [];

    /// <summary>The mailboxes that get something.</summary>
    public IReadOnlyCollection<int> Filled => _messages.Select(message => message.Partition).ToHashSet();

    public int Commands => _commands.Count;

    public int Reviews => _opened.Count;

    public IEnumerable<TurnResult> Failures => _ledger.Select(entry => entry.Turn).Where(turn => turn.Failure is not null);

    public void Add(BatchResult result)
    {
        _states.AddRange(result.States);
        _messages.AddRange(result.Messages);
        Span<byte> salts = result.Turns.Count * LedgerChain.SaltBytes <= 16_384
            ? stackalloc byte[result.Turns.Count * LedgerChain.SaltBytes]
            : new byte[result.Turns.Count * LedgerChain.SaltBytes];
        RandomNumberGenerator.Fill(salts);
        for (var i = 0; i < result.Turns.Count; i++)
            Add(result.Turns[i], salts.Slice(i * LedgerChain.SaltBytes, LedgerChain.SaltBytes).ToArray());
    }

    public void AddStatements(NpgsqlBatch batch)
    {
        WriteStates(batch);
        WriteLedger(batch);
        Send(batch);
        Enqueue(batch);
        WriteReviews(batch);
        WriteTimers(batch);
        WriteDeadLetters(batch);
        WritePartitions(batch);
    }

    private void Add(TurnResult turn, byte[] salt)
    {
        var partition = partitions[turn.Message.Partition];
        var detailHash = LedgerChain.DetailHash(salt, turn.Detail);
        var position = partition.HeadPosition + 1;
        var hash = LedgerChain.Hash(partition.HeadHash, new LedgerHeader(
            partition.Id, position, turn.Message.Workspace, turn.Message.Grain, turn.Version, turn.Message.Id, turn.Message.Kind,
            turn.Outcome, turn.EventId, turn.Configuration, silo, beganAt, detailHash));
        (partition.HeadPosition, partition.HeadHash) = (position, hash);
        _ledger.Add((turn, position, salt, detailHash, hash));

        foreach (var effect in turn.Effects)
            Add(turn, effect);
    }

    private void Add(TurnResult turn, Effect effect)
    {
        switch (effect)
        {
            case Effect.Send send:
                _messages.Add(new OutgoingMessage(
                    MailboxPartition.Of(send.To), send.To.Workspace, send.To.ToString(), send.Message.Name, turn.EventId,
                    JsonSerializer.SerializeToUtf8Bytes(send.Message, CoreJson.Default.Message)));
                break;
            case Effect.Enqueue enqueue when turn.Account is not null:
                // Without an event behind it, the turn itself is what the effect is done once for.
                var cause = turn.EventId?.ToString() ?? $"{turn.Message.Grain}@{turn.Version}";
                var key = $"{cause}/{enqueue.Step}/{enqueue.Command.Object}/{enqueue.Command.Operation}";
                _commands.Add((turn, key, Lane(enqueue.Command, key), enqueue));
                break;
            case Effect.OpenReview review:
                Open(turn, review);
                break;
            case Effect.CloseReview review:
                _closed.Add((turn, review));
                break;
            case Effect.SetTimer timer:
                _timers[(turn.Message.Grain, timer.Timer)] = (turn, timer.DueAt);
                break;
            case Effect.CancelTimer timer:
                _timers[(turn.Message.Grain, timer.Timer)] = (turn, null);
                break;
        }
    }

    // What was closed earlier in the batch is another item than the one that is opened now, and is closed before it.
    private void Open(TurnResult turn, Effect.OpenReview review)
    {
        bool IsSame(TurnResult other, string key) => other.Message.Workspace == turn.Message.Workspace && key == review.Key;

        _closedBefore.AddRange(_closed.Where(closed => IsSame(closed.Turn, closed.Effect.Key)));
        if (_closed.RemoveAll(closed => IsSame(closed.Turn, closed.Effect.Key)) > 0)
            _opened.RemoveAll(opened => IsSame(opened.Turn, opened.Effect.Key));
        _opened.Add((turn, review));
    }

    // Commands that change one record run in order; the others stand alone.
    private static string Lane(CrmCommand command, string effectKey) => command switch
    {
        CrmCommand.UpsertContact c => $"{c.Object}:{c.Grain}",
        CrmCommand.UpsertCompany c => $"{c.Object}:{c.Grain}",
        CrmCommand.UpsertDeal c => $"{c.Object}:{c.Grain}",
        _ => effectKey,
    };

    private void WriteStates(NpgsqlBatch batch)
    {
        if (_states.Count > 0)
            Statement(batch, BatchSql.WriteStates)
                .Ints(_states.ConvertAll(state => state.Partition))
                .Texts(_states.ConvertAll(state => state.Grain))
                .Longs(_states.ConvertAll(state => state.Version))
                .Utf8(_states.ConvertAll(state => state.State));
    }

    private void WriteLedger(NpgsqlBatch batch)
    {
        if (_ledger.Count > 0)
            Statement(batch, BatchSql.WriteLedger)
                .Ints(_ledger.ConvertAll(entry => entry.Turn.Message.Partition))
                .Longs(_ledger.ConvertAll(entry => entry.Position))
                .Texts(_ledger.ConvertAll(entry => entry.Turn.Message.Workspace))
                .Texts(_ledger.ConvertAll(entry => entry.Turn.Message.Grain))
                .Longs(_ledger.ConvertAll(entry => entry.Turn.Version))
                .Longs(_ledger.ConvertAll(entry => entry.Turn.Message.Id))
                .Texts(_ledger.ConvertAll(entry => entry.Turn.Message.Kind))
                .Texts(_ledger.ConvertAll(entry => entry.Turn.Outcome))
                .Uuids(_ledger.ConvertAll(entry => entry.Turn.EventId))
                .Texts(_ledger.ConvertAll(entry => entry.Turn.Configuration))
                .With(NpgsqlDbType.Uuid, silo)
                .With(NpgsqlDbType.TimestampTz, beganAt.UtcDateTime)
                .Utf8(_ledger.ConvertAll(entry => entry.Turn.Detail))
                .Bytes(_ledger.ConvertAll(entry => entry.Salt))
                .Bytes(_ledger.ConvertAll(entry => entry.DetailHash))
                .Bytes(_ledger.ConvertAll(entry => entry.Hash));
    }

    private void Send(NpgsqlBatch batch)
    {
        if (_messages.Count > 0)
            Statement(batch, MailboxSql.Send)
                .Ints(_messages.ConvertAll(message => message.Partition))
                .Texts(_messages.ConvertAll(message => message.Workspace))
                .Texts(_messages.ConvertAll(message => message.Grain))
                .Texts(_messages.ConvertAll(message => message.Kind))
                .Uuids(_messages.ConvertAll(message => message.EventId))
                .Utf8(_messages.ConvertAll(message => message.Body));
    }

    private void Enqueue(NpgsqlBatch batch)
    {
        if (_commands.Count > 0)
            Statement(batch, BatchSql.Enqueue)
                .Texts(_commands.ConvertAll(command => command.Turn.Message.Workspace))
                .Texts(_commands.ConvertAll(command => command.Turn.Account))
                .Texts(_commands.ConvertAll(command => command.EffectKey))
                .Uuids(_commands.ConvertAll(command => command.Turn.EventId))
                .Texts(_commands.ConvertAll(command => command.Turn.Message.Grain))
                .Ints(_commands.ConvertAll(command => command.Turn.Message.Partition))
                .Texts(_commands.ConvertAll(command => command.Effect.Command.Object))
                .Texts(_commands.ConvertAll(command => command.Effect.Command.Operation))
                .Texts(_commands.ConvertAll(command => command.Lane))
                .Utf8(_commands.ConvertAll(command =>
                    JsonSerializer.SerializeToUtf8Bytes(command.Effect.Command, CoreJson.Default.CrmCommand)));
    }

    private void WriteReviews(NpgsqlBatch batch)
    {
        Close(batch, _closedBefore);
        if (_opened.Count > 0)
            Statement(batch, BatchSql.OpenReviews)
                .Texts(_opened.ConvertAll(review => review.Turn.Message.Workspace))
                .Texts(_opened.ConvertAll(review => review.Effect.Key))
                .Texts(_opened.ConvertAll(review => review.Effect.Reason))
                .Texts(_opened.ConvertAll(review => review.Effect.Summary))
                .Texts(_opened.ConvertAll(review => review.Turn.Message.Grain))
                .Uuids(_opened.ConvertAll(review => review.Turn.EventId));
        Close(batch, _closed);
    }

    private static void Close(NpgsqlBatch batch, List<(TurnResult Turn, Effect.CloseReview Effect)> closed)
    {
        if (closed.Count > 0)
            Statement(batch, BatchSql.CloseReviews)
                .Texts(closed.ConvertAll(review => review.Turn.Message.Workspace))
                .Texts(closed.ConvertAll(review => review.Effect.Key))
                .Texts(closed.ConvertAll(review => review.Effect.Resolution));
    }

    private void WriteTimers(NpgsqlBatch batch)
    {
        var set = _timers.Where(timer => timer.Value.DueAt is not null).ToList();
        if (set.Count > 0)
            Statement(batch, BatchSql.SetTimers)
                .Ints(set.ConvertAll(timer => timer.Value.Turn.Message.Partition))
                .Texts(set.ConvertAll(timer => timer.Key.Grain))
                .Texts(set.ConvertAll(timer => timer.Key.Timer))
                .Uuids(set.ConvertAll(timer => timer.Value.Turn.EventId))
                .Instants(set.ConvertAll(timer => timer.Value.DueAt.GetValueOrDefault()));
        var canceled = _timers.Where(timer => timer.Value.DueAt is null).ToList();
        if (canceled.Count > 0)
            Statement(batch, BatchSql.CancelTimers)
                .Texts(canceled.ConvertAll(timer => timer.Key.Grain))
                .Texts(canceled.ConvertAll(timer => timer.Key.Timer));
    }

    private void WriteDeadLetters(NpgsqlBatch batch)
    {
        var dead = Failures.ToList();
        if (dead.Count > 0)
            Statement(batch, BatchSql.DeadLetters)
                .Texts(dead.ConvertAll(turn => turn.Message.Workspace))
                .Ints(dead.ConvertAll(turn => turn.Message.Partition))
                .Texts(dead.ConvertAll(turn => turn.Message.Grain))
                .Texts(dead.ConvertAll(turn => turn.Message.Kind))
                .Uuids(dead.ConvertAll(turn => turn.Message.EventId))
                .Utf8(dead.ConvertAll(turn => turn.Message.Body))
                .Texts(dead.ConvertAll(turn => turn.Failure));
    }

    private void WritePartitions(NpgsqlBatch batch)
    {
        var served = partitions.Values.ToList();
        Statement(batch, MailboxSql.Served)
            .Ints(served.ConvertAll(partition => partition.Id))
            .With(NpgsqlDbType.Uuid, silo)
            .Longs(served.ConvertAll(partition => partition.HeadPosition))
            .Bytes(served.ConvertAll(partition => partition.HeadHash))
            .Longs(served.ConvertAll(partition => partition.Mark))
            .Longs(served.ConvertAll(partition => partition.Candidate))
            .TransactionIds(served.ConvertAll(partition => partition.CandidateXmax));
    }

    private static NpgsqlParameterCollection Statement(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command.Parameters;
    }
}
