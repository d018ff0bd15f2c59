using System.Diagnostics;
using System.Globalization;

namespace CrmGrains.Core.Faults;

/// <summary>Ends the process at one passing of one point.</summary>
internal sealed class ArmedCrash
{
    private int _left;

    private ArmedCrash(string text, string point, int passing) => (Text, Point, Passing, _left) = (text, point, passing, passing);

    public string Text { get; }

    public string Point { get; }

    /// <summary>Counted from 1; 0 where the text names no such number.</summary>
    public int Passing { get; }

    public static ArmedCrash? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var parts = text.Split(':', 2);
        var passing = 1;
        if (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out passing))
            passing = 0;
        return new ArmedCrash(text, parts[0], passing);
    }

    public void Passed(string point)
    {
        if (point != Point || Interlocked.Decrement(ref _left) != 0)
            return;

        // The one line that says that it was here; then SIGKILL, so that no finally block and no buffer gets its turn.
        Console.Error.WriteLine($"Crashing at {Text}.");
        using var self = Process.GetCurrentProcess();
        self.Kill();
        throw new UnreachableException($"The process outlived its crash at {Text}.");
    }
}
