using System.Text;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Silos;
using CrmGrains.Simulation.World;

namespace CrmGrains.Simulation.Store;

/// <summary>What a batch leaves, statement by statement.</summary>
internal static class BatchWrites
{
    /// <summary>The statements, in the order of the engine's own.</summary>
    public static IEnumerable<Action> Of(Database database, Transaction transaction, BatchRows rows)
    {
        yield return () => States(database, transaction, rows);
        yield return () => Ledger(database, transaction, rows);
        foreach (var sent in rows.Messages)
            yield return () => database.Send(transaction, sent.Partition, sent.Workspace, sent.Grain, sent.Kind, sent.EventId, sent.Body);
        yield return () => Commands(database, transaction, rows);
        yield return () => Reviews(database, transaction, rows);
        yield return () => Timers(database, transaction, rows);
        yield return () => DeadLetters(database, transaction, rows);
        yield return () => Notes(database, transaction, rows);
    }

    private static void States(Database database, Transaction transaction, BatchRows rows)
    {
        foreach (var state in rows.States)
        {
            void Write() => database.States[state.Grain] = new StateRow(state.Partition, state.Grain, state.Version, state.State);
            if (database.Planted.HasFlag(Planted.StatesAreNotRolledBack))
                Write();
            else
                transaction.Write(Write);
        }
    }

    private static void Ledger(Database database, Transaction transaction, BatchRows rows)
    {
        foreach (var entry in rows.Ledger)
        {
            // As a text that PostgreSQL doesn't take: the batch can't be committed, however often it is tried.
            if (Encoding.UTF8.GetString(entry.Turn.Detail).Contains(Script.Poison, StringComparison.Ordinal))
                throw Database.Error("22P05", "A character of a detail can't be stored.");
            database.Append(transaction, new EntryRow(entry, rows.Silo, database.Now, 0));
        }
    }

    private static void Commands(Database database, Transaction transaction, BatchRows rows)
    {
        foreach (var command in rows.Commands)
            transaction.Write(() =>
            {
                if (!database.Commands.Exists(other => other.EffectKey == command.EffectKey))
                    database.Commands.Add(new CommandRow(command.EffectKey, command.Turn.Message.Grain, command.Command));
            });
    }

    private static void Reviews(Database database, Transaction transaction, BatchRows rows)
    {
        void Close((Runtime.Turns.TurnResult Turn, Effect.CloseReview Effect) closed) =>
            transaction.Write(() => database.OpenReviews.Remove((closed.Turn.Message.Workspace, closed.Effect.Key)));

        foreach (var closed in rows.ClosedBefore)
            Close(closed);
        foreach (var (turn, effect) in rows.Opened)
            transaction.Write(() =>
            {
                if (!database.OpenReviews.Contains((turn.Message.Workspace, effect.Key)))
                    database.OpenReviews.Add((turn.Message.Workspace, effect.Key));
            });
        foreach (var closed in rows.Closed)
            Close(closed);
    }

    private static void Timers(Database database, Transaction transaction, BatchRows rows)
    {
        void Remove(string grain, string name)
        {
            var snapshot = database.Snapshot();
            foreach (var timer in database.Timers)
            {
                if (timer.Grain == grain && timer.Name == name && timer.IsVisible(snapshot, transaction))
                    timer.Deleter = transaction;
            }
        }

        foreach (var (turn, name, dueAt) in rows.TimersSet)
        {
            Remove(turn.Message.Grain, name);
            database.Timers.Add(new TimerRow
            {
                Creator = transaction, Partition = turn.Message.Partition, Grain = turn.Message.Grain, Name = name, EventId = turn.EventId,
                DueAt = dueAt,
            });
        }

        foreach (var (grain, name) in rows.TimersCanceled)
            Remove(grain, name);
    }

    private static void DeadLetters(Database database, Transaction transaction, BatchRows rows)
    {
        foreach (var turn in rows.Failures)
            transaction.Write(() => database.DeadLetters.Add(new DeadLetterRow(
                turn.Message.Grain, turn.Message.Kind, turn.Message.EventId, turn.Message.Body, turn.Failure ?? "")));
    }

    private static void Notes(Database database, Transaction transaction, BatchRows rows)
    {
        foreach (var (partition, mark) in rows.Notes)
            database.Note(
                transaction, database.Partitions[partition.Id],
                new PartitionNote(0, rows.Silo, database.Now, mark, partition.HeadPosition, partition.HeadHash));
    }
}
