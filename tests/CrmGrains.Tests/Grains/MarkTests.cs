using CrmGrains.Runtime.Mailboxes;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Grains;

public sealed class MarkTests
{
    [Fact]
    public void No_message_is_ever_skipped_in_whatever_order_transactions_begin_draw_and_commit() =>
        Prop.ForAll(Gen.Choose(0, 999).ArrayOf(300).ToArbitrary(), draws =>
        {
            var history = new History();
            foreach (var draw in draws)
                history.Step(draw);
            history.End();
            return history.Left == 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void The_mark_moves_although_it_waits_for_proof()
    {
        var history = new History();
        for (var i = 0; i < 10; i++)
        {
            history.Send();
            history.RunBatch();
        }

        Assert.Equal(9, history.Mark);
    }

    // PostgreSQL as far as it matters: transactions get ids in order when they begin, messages when they are drawn; a snapshot's xmax is
    // one past the highest transaction that has ended, whatever runs above it.
    private sealed class History
    {
        private const int Limit = 3;

        private readonly SortedSet<ulong> _running = [];
        private readonly List<(ulong Transaction, long Id)> _messages = [];
        private readonly HashSet<long> _popped = [];
        private ulong _nextTransaction = 1;
        private ulong _lastEnded;
        private long _drawn;
        private (ulong Transaction, long Drawn)? _batch;
        private readonly Mark _mark = new();

        public long Mark => _mark.At;

        public int Left => _messages.Count(message => !_popped.Contains(message.Id));

        // Senders do anything while a batch is between its claim and its pop.
        public void Step(int draw)
        {
            switch (draw % 5)
            {
                case 0:
                    Begin();
                    break;
                case 1 when _running.Count > 0:
                    _messages.Add((Pick(draw), ++_drawn));
                    break;
                case 2 when _running.Count > 0:
                    EndOf(Pick(draw));
                    break;
                case 3 when _batch is null:
                    _batch = (0, _drawn);
                    break;
                case 4:
                    ClaimOrPop();
                    break;
            }
        }

        public void Send()
        {
            _messages.Add((Begin(), ++_drawn));
            EndOf(_nextTransaction - 1);
        }

        public void RunBatch()
        {
            _batch ??= (0, _drawn);
            while (_batch is not null)
                ClaimOrPop();
        }

        public void End()
        {
            RunBatch();
            while (_running.Count > 0)
                EndOf(_running.Max);
            for (var i = 0; i < 100; i++)
                RunBatch();
        }

        private void ClaimOrPop()
        {
            if (_batch is not { } batch)
                return;
            if (batch.Transaction == 0)
                _batch = (Begin(), batch.Drawn);
            else
                Pop(batch.Transaction, batch.Drawn);
        }

        private void Pop(ulong me, long drawn)
        {
            var xmax = _lastEnded + 1;
            var xmin = _running.Where(transaction => transaction < xmax).Append(xmax).Min();
            var visible = _messages
                .Where(message => !_running.Contains(message.Transaction) && !_popped.Contains(message.Id) && message.Id > _mark.At)
                .Select(message => message.Id).Order().Take(Limit).ToList();
            if (visible.Count > 0)
            {
                _mark.Move(visible.Count < Limit, visible[^1], drawn, xmin, me);
                _popped.UnionWith(visible);
            }

            EndOf(me);
            _batch = null;
        }

        private ulong Begin()
        {
            _running.Add(_nextTransaction);
            return _nextTransaction++;
        }

        // Our own batch is ended by itself only.
        private ulong Pick(int draw)
        {
            var senders = _running.Where(transaction => transaction != _batch?.Transaction).ToList();
            return senders.Count == 0 ? Begin() : senders[draw / 5 % senders.Count];
        }

        private void EndOf(ulong transaction)
        {
            _running.Remove(transaction);
            _lastEnded = Math.Max(_lastEnded, transaction);
        }
    }
}
