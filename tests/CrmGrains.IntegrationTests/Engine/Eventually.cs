using System.Diagnostics;

namespace CrmGrains.IntegrationTests.Engine;

/// <summary>Waits for what other tasks bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="what">What is missing when the time is over.</param>
    /// <param name="holds">Asked again and again.</param>
    public static async Task HoldsAsync(string what, Func<Task<bool>> holds)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"After {Patience.TotalSeconds} seconds still missing: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Waits until nothing is left, however long it takes, as long as it gets less.</summary>
    /// <param name="what">What isn't done when nothing moves any more.</param>
    /// <param name="left">Asked again and again; how much is left.</param>
    public static async Task EndsAsync(string what, Func<Task<long>> left)
    {
        var (start, least) = (Stopwatch.GetTimestamp(), long.MaxValue);
        while (await left() is > 0 and var count)
        {
            if (count < least)
                (start, least) = (Stopwatch.GetTimestamp(), count);
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"For {Patience.TotalSeconds} seconds still {count}: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}
