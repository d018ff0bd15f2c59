using CrmGrains.Simulation.Scheduling;
using Npgsql;

namespace CrmGrains.Simulation.Store;

/// <summary>
/// A connection with the session behind it. Requests and answers take their time and may be lost; the server may end the session
/// while the client doesn't know; what the client has sent may still be carried out when it has given up or is dead.
/// </summary>
internal sealed class Session
{
    private static readonly TimeSpan IdleInTransaction = TimeSpan.FromSeconds(5);

    private readonly Database _database;
    private readonly NetworkFaults _faults;
    private readonly Scheduler _scheduler;
    private readonly ITimer _idle;
    private readonly string _name;

    public Session(Database database, NetworkFaults faults, Scheduler scheduler, string name)
    {
        (_database, _faults, _scheduler, _name) = (database, faults, scheduler, name);
        _idle = database.Server.Time.CreateTimer(
            _ => End("was idle in its transaction"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the client knows that it is of no use any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether the server has ended it.</summary>
    public bool IsEnded { get; private set; }

    public Transaction? Transaction { get; private set; }

    /// <summary>Sends a request; the answer arrives on the context of whoever awaits it.</summary>
    /// <param name="what">For the trace.</param>
    /// <param name="statements">Run by the server.</param>
    public Task<T> CallAsync<T>(string what, Func<Task<T>> statements)
    {
        if (IsBroken)
            return Task.FromException<T>(new ObjectDisposedException("connection"));
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _database.Server.Start(what, () => ServeAsync(what, statements, answer));
        return answer.Task;
    }

    public Transaction Begin() => Transaction = _database.Begin();

    /// <summary>A point between two statements, or within one: others go on, and the session may be ended meanwhile.</summary>
    public async Task PauseAsync(int weight = 1)
    {
        _database.Crossed(weight);
        for (var pauses = _faults.Pauses(); pauses > 0; pauses--)
            await Task.Yield();
        Check();
    }

    /// <summary>The server ends it: its transaction is rolled back, and whatever the client sends from now on fails.</summary>
    public void End(string why)
    {
        if (IsEnded)
            return;
        IsEnded = true;
        _idle.Dispose();
        if (Transaction is not { IsRunning: true } running)
            return;
        _scheduler.Note(_name, $"session ended: {why}; transaction {running.Id} rolled back");
        _database.RollBack(running);
    }

    /// <summary>The client is gone; the server notices after a while.</summary>
    public void Abandon() => _database.Server.Start("notice", async () =>
    {
        await DelayAsync();
        End("its client is gone");
    });

    private async Task ServeAsync<T>(string what, Func<Task<T>> statements, TaskCompletionSource<T> answer)
    {
        await DelayAsync();
        if (_faults.IsLost())
        {
            _scheduler.Note(_name, $"{what}: connection broke before");
            Break(answer);

            // The bytes may have left all the same.
            if (_faults.IsHeads())
            {
                Abandon();
                return;
            }

            await DelayAsync();
        }

        T result;
        try
        {
            _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Check();
            if (_faults.Refused() is { } refusal)
                throw refusal;
            result = await statements();
            if (Transaction is { IsRunning: true } && !IsEnded)
                _idle.Change(IdleInTransaction, Timeout.InfiniteTimeSpan);
        }
        catch (PostgresException exception)
        {
            _scheduler.Note(_name, $"{what}: {exception.SqlState}");
            Fail();
            await DelayAsync();
            answer.TrySetException(exception);
            return;
        }

        if (IsBroken)
        {
            Abandon();
            return;
        }

        if (_faults.IsLost())
        {
            _scheduler.Note(_name, $"{what}: connection broke after");
            Break(answer);
            Abandon();
            return;
        }

        await DelayAsync();
        answer.TrySetResult(result);
    }

    // The first error ends the transaction, and its locks with it, whatever the client says afterwards.
    private void Fail()
    {
        if (Transaction is { } transaction)
            _database.RollBack(transaction);
    }

    private void Break<T>(TaskCompletionSource<T> answer)
    {
        IsBroken = true;
        answer.TrySetException(NetworkFaults.Broken());
    }

    private void Check()
    {
        if (IsEnded || Transaction is { IsRunning: false, Commit: null })
            throw NetworkFaults.Terminated();
    }

    private Task DelayAsync() => _faults.Delay() is { } delay
        ? Task.Delay(delay, _database.Server.Time, CancellationToken.None)
        : YieldAsync();

    private static async Task YieldAsync() => await Task.Yield();
}
