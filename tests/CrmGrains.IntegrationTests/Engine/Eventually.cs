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
}
