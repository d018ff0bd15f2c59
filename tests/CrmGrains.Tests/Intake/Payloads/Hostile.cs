using System.Diagnostics;
using System.Text;

namespace CrmGrains.Tests.Intake.Payloads;

/// <summary>Bodies of the largest size that is taken in, made to cost as much as they can.</summary>
internal static class Hostile
{
    public const int MaxBytes = 1024 * 1024;

    // What looks at each byte once takes milliseconds, also on a busy machine far less than that; what looks at all others for each takes minutes.
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(2);

    /// <summary>A beginning, then a piece as often as it fits, then an end.</summary>
    public static byte[] Repeated(string piece, string beginning = "", string end = "")
    {
        var (first, again, last) = (Encoding.Latin1.GetBytes(beginning), Encoding.Latin1.GetBytes(piece), Encoding.Latin1.GetBytes(end));
        var body = new byte[first.Length + ((MaxBytes - first.Length - last.Length) / again.Length * again.Length) + last.Length];
        first.CopyTo(body, 0);
        for (var at = first.Length; at < body.Length - last.Length; at += again.Length)
            again.CopyTo(body, at);
        last.CopyTo(body, body.Length - last.Length);
        return body;
    }

    /// <summary>Does it, and holds it to the bound. A pause of the machine is none of ours: only what is slow again and again is too slow.</summary>
    public static T InTime<T>(Func<T> work)
    {
        var shortest = TimeSpan.MaxValue;
        for (var attempt = 1; ; attempt++)
        {
            var began = Stopwatch.GetTimestamp();
            var result = work();
            var took = Stopwatch.GetElapsedTime(began);
            shortest = took < shortest ? took : shortest;
            if (shortest <= AtMost)
                return result;
            Assert.True(attempt < 5, $"It takes {shortest.TotalMilliseconds:0} ms, {AtMost.TotalMilliseconds} at most.");
        }
    }
}
