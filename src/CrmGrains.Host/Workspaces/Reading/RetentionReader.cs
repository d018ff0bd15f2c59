using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>retention</c>: how long what was kept stays, by class.</summary>
internal static class RetentionReader
{
    private static readonly TimeSpan Least = TimeSpan.FromHours(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(100 * 365);

    public static RetentionConfiguration Read(Value? value)
    {
        var section = value?.Section([], ["raw", "dropped", "event", "details", "calls", "commands"]);
        TimeSpan Of(string name, TimeSpan otherwise) => section?[name]?.Duration(Least, Most) ?? otherwise;
        var standard = new RetentionConfiguration();
        return new RetentionConfiguration
        {
            Raw = Of("raw", standard.Raw),
            Dropped = Of("dropped", standard.Dropped),
            Event = Of("event", standard.Event),
            Details = Of("details", standard.Details),
            Calls = Of("calls", standard.Calls),
            Commands = Of("commands", standard.Commands),
        };
    }
}
