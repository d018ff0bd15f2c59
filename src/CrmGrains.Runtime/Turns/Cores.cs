namespace CrmGrains.Runtime.Turns;

/// <summary>
/// Spreads what each message of a batch costs over the cores. A batch has its partitions until it is committed, so what it computes alone
/// keeps everybody waiting; a small one is done sooner than others are called.
/// </summary>
public static class Cores
{
    private const int WorthSpreading = 64;

    /// <summary>Runs the work for each index; the order isn't kept, and each index must be a matter of its own.</summary>
    /// <param name="count">How many.</param>
    /// <param name="weight">How many messages there are in all.</param>
    /// <param name="work">May not throw.</param>
    public static void ForEach(int count, int weight, Action<int> work)
    {
        if (weight >= WorthSpreading && count > 1)
        {
            Parallel.For(0, count, work);
            return;
        }

        for (var i = 0; i < count; i++)
            work(i);
    }
}
