namespace CrmGrains.Connectors.Outbox;

/// <summary>Wakes the one loop that waits for it. Set while nobody waits, it is remembered.</summary>
internal sealed class Signal(TimeProvider time)
{
    private TaskCompletionSource _set = New();

    public void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Waits until it is set, or as long as is said. The caller then looks at everything that may have changed.</summary>
    public async Task WaitAsync(TimeSpan atMost)
    {
        var set = Volatile.Read(ref _set);
        if (atMost > TimeSpan.Zero)
        {
            await using var timer = time.CreateTimer(
                static state => ((TaskCompletionSource?)state)?.TrySetResult(), set, atMost, Timeout.InfiniteTimeSpan);
            await set.Task;
        }

        Volatile.Write(ref _set, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
