using System.Security.Cryptography;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Runtime.Silos;

/// <summary>All rows that a batch leaves.</summary>
internal sealed class BatchRows(Guid silo, IReadOnlyDictionary<int, ClaimedPartition> partitions)
{
    private readonly List<GrainWrite> _states = [];
    private readonly List<OutgoingMessage> _messages = [];
    private readonly List<LedgerRow> _ledger = [];
    private readonly List<QueuedCommand> _commands = [];
    private readonly List<(TurnResult Turn, Effect.OpenReview Effect)> _opened = [];
    private readonly List<(TurnResult Turn, Effect.CloseReview Effect)> _closed = [];
    private readonly List<(TurnResult Turn, Effect.CloseReview Effect)> _closedBefore = [];
    private readonly List<(ClaimedPartition Partition, long Mark)> _notes = [];
    private readonly List<TurnResult> _failures = [];
    private readonly Dictionary<(string Grain, string Timer), (TurnResult Turn, DateTimeOffset? DueAt)> _timers = [];

    public Guid Silo => silo;

    public IReadOnlyList<GrainWrite> States => _states;

    public IReadOnlyList<LedgerRow> Ledger => _ledger;

    /// <summary>In the order in which they are sent.</summary>
    public IReadOnlyList<OutgoingMessage> Messages => _messages;

    /// <summary>In the order in which they are queued.</summary>
    public IReadOnlyList<QueuedCommand> Commands => _commands;

    /// <summary>Those of an earlier item than the one that is opened under the same key; they come before it.</summary>
    public IReadOnlyList<(TurnResult Turn, Effect.CloseReview Effect)> ClosedBefore => _closedBefore;

    public IReadOnlyList<(TurnResult Turn, Effect.OpenReview Effect)> Opened => _opened;

    public IReadOnlyList<(TurnResult Turn, Effect.CloseReview Effect)> Closed => _closed;

    public IReadOnlyList<(TurnResult Turn, string Name, DateTimeOffset DueAt)> TimersSet =>
        [.. from timer in _timers where timer.Value.DueAt is not null
            select (timer.Value.Turn, timer.Key.Timer, timer.Value.DueAt.GetValueOrDefault())];

    public IReadOnlyList<(string Grain, string Name)> TimersCanceled => [.. from timer in _timers where timer.Value.DueAt is null select timer.Key];

    public IReadOnlyList<TurnResult> Failures => _failures;

    /// <summary>Partitions of which it is noted who runs them and how far they are.</summary>
    public IReadOnlyList<(ClaimedPartition Partition, long Mark)> Notes => _notes;

    public void Add(BatchResult result)
    {
        _states.AddRange(result.States);
        var salts = new byte[result.Turns.Count * LedgerChain.SaltBytes];
        RandomNumberGenerator.Fill(salts);

        // The chains are each partition's own.
        var chains = Enumerable.Range(0, result.Turns.Count).GroupBy(i => result.Turns[i].Message.Partition).Select(chain => chain.ToList()).ToList();
        var rows = new LedgerRow[result.Turns.Count];
        Cores.ForEach(chains.Count, rows.Length, chain =>
        {
            foreach (var i in chains[chain])
                rows[i] = Chained(result.Turns[i], salts.AsSpan(i * LedgerChain.SaltBytes, LedgerChain.SaltBytes).ToArray());
        });
        _ledger.AddRange(rows);
        foreach (var turn in result.Turns)
        {
            if (turn.Failure is not null)
                _failures.Add(turn);
            foreach (var effect in turn.Effects)
                Add(turn, effect);
        }
    }

    /// <summary>Sends messages that aren't effects of a turn.</summary>
    public void Send(IEnumerable<OutgoingMessage> messages) => _messages.AddRange(messages);

    public void Note(ClaimedPartition partition, long mark) => _notes.Add((partition, mark));

    private LedgerRow Chained(TurnResult turn, byte[] salt)
    {
        var partition = partitions[turn.Message.Partition];
        var detailHash = LedgerChain.DetailHash(salt, turn.Detail);
        var position = partition.HeadPosition + 1;
        var hash = LedgerChain.Hash(partition.HeadHash, new LedgerHeader(
            partition.Id, position, turn.Message.Workspace, turn.Message.Grain, turn.Version, turn.Message.Id, turn.Message.Kind,
            turn.Outcome, turn.EventId, turn.Configuration, silo, partition.BeganAt, detailHash));
        (partition.HeadPosition, partition.HeadHash) = (position, hash);
        return new LedgerRow(turn, partition.Id, position, partition.BeganAt, salt, detailHash, hash);
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
            case Effect.Enqueue enqueue when AccountOf(turn, enqueue.Command) is { } account:
                // Without an event behind it, the turn itself is what the effect is done once for.
                var eventId = enqueue.EventId ?? turn.EventId;
                var cause = eventId?.ToString() ?? $"{turn.Message.Grain}@{turn.Version}";
                var key = EffectKey.Of(cause, enqueue);
                _commands.Add(new QueuedCommand(
                    turn, account, eventId, key, Lane(enqueue.Command, key), enqueue.Command, IsFirst(turn, eventId) && !WasAskedFor(turn, key)));
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

    // An event that was stored in this transaction can't have asked for anything before.
    private static bool IsFirst(TurnResult turn, Guid? eventId) => turn.Message.Parsed is not null && turn.EventId is { } own && own == eventId;

    private bool WasAskedFor(TurnResult turn, string effectKey)
    {
        for (var i = _commands.Count - 1; i >= 0 && ReferenceEquals(_commands[i].Turn, turn); i--)
        {
            if (_commands[i].EffectKey == effectKey)
                return true;
        }

        return false;
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

    private static string? AccountOf(TurnResult turn, CrmCommand command) =>
        command.Channel is { } channel ? CommandAccount.OfChannel(turn.Message.Workspace, channel) : turn.CrmAccount;

    // Commands that change one record run in order; the others stand alone.
    private static string Lane(CrmCommand command, string effectKey) => command switch
    {
        CrmCommand.UpsertContact c => $"{c.Object}:{c.Grain}",
        CrmCommand.UpsertCompany c => $"{c.Object}:{c.Grain}",
        CrmCommand.UpsertDeal c => $"{c.Object}:{c.Grain}",
        CrmCommand.Revert { Grain: { } grain } c => $"{c.Object}:{grain}",
        _ => effectKey,
    };
}

/// <summary>A turn's entry in its partition's chain.</summary>
internal readonly record struct LedgerRow(
    TurnResult Turn, int Partition, long Position, DateTimeOffset BeganAt, byte[] Salt, byte[] DetailHash, byte[] Hash);

/// <summary>A command on its way into the outbox.</summary>
/// <param name="Turn">Which asked for it.</param>
/// <param name="Account">Where it is carried out.</param>
/// <param name="EventId">What it is done once for; null: the turn.</param>
/// <param name="EffectKey">Names the effect.</param>
/// <param name="Lane">Commands of one lane run in order.</param>
/// <param name="Command">What is wanted.</param>
/// <param name="IsNew">Whether nobody can have asked for the effect before.</param>
internal readonly record struct QueuedCommand(
    TurnResult Turn, string Account, Guid? EventId, string EffectKey, string Lane, CrmCommand Command, bool IsNew);
