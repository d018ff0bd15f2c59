using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>autonomy</c> of the risk policy: when kinds of actions may go without a person.</summary>
internal static class AutonomyReader
{
    private const int MostDecisions = 1_000_000;

    private static readonly TimeSpan LeastWindow = TimeSpan.FromDays(15);  // answers count once they are two weeks old
    private static readonly TimeSpan MostWindow = TimeSpan.FromDays(10 * 365);

    public static AutonomyPolicy Read(Value? value)
    {
        var section = value?.Section([], ["min_decisions", "min_lower_bound", "demote_below", "window"]);
        var standard = new AutonomyPolicy();
        return new AutonomyPolicy
        {
            MinDecisions = section?["min_decisions"]?.Whole(1, MostDecisions) ?? standard.MinDecisions,
            MinLowerBound = Share(section?["min_lower_bound"]) ?? standard.MinLowerBound,
            DemoteBelow = Share(section?["demote_below"]) ?? standard.DemoteBelow,
            Window = section?["window"]?.Duration(LeastWindow, MostWindow) ?? standard.Window,
        };
    }

    private static double? Share(Value? value)
    {
        if (value?.Number() is not { } share)
            return null;
        if (share is >= 0 and <= 1)
            return (double)share;
        value.Fault("It must be from 0 to 1, such as 0.95.");
        return null;
    }
}
