using System.Globalization;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class SourceInstantTests
{
    [Theory]
    [InlineData("2026-04-26T18:11:42.903Z", "2026-04-26T18:11:42.903000Z")]
    [InlineData("2026-04-26T18:11:42Z", "2026-04-26T18:11:42.000000Z")]
    [InlineData("2026-04-26t18:11z", "2026-04-26T18:11:00.000000Z")]
    [InlineData("2026-04-26T18:11:42+02:00", "2026-04-26T16:11:42.000000Z")]
    [InlineData("2026-04-26T18:11:42-0530", "2026-04-26T23:41:42.000000Z")]
    [InlineData("2026-04-26T18:11:42.123456789Z", "2026-04-26T18:11:42.123456Z")]
    [InlineData("2026-04-26T18:11:42", "2026-04-26T18:11:42.000000Z")]
    [InlineData("2026-04-26 18:11:42", "2026-04-26T18:11:42.000000Z")]
    [InlineData("2026-04-26", "2026-04-26T00:00:00.000000Z")]
    public void Iso_8601_is_read_as_UTC_in_microseconds(string text, string expected) =>
        Assert.Equal(expected, Text(SourceInstant.FromIso(text)));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("26.04.2026")]
    [InlineData("04/26/2026")]
    [InlineData("2026-13-01")]
    [InlineData("2026-02-30T00:00:00Z")]
    [InlineData("2026-04-26T24:00:01Z")]
    [InlineData("2026-04-26T18:11:42+99:00")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("2026-04-26T18:11:42.Zx")]
    public void Anything_else_is_none(string text) => Assert.Null(SourceInstant.FromIso(text));

    [Fact]
    public void Seconds_and_milliseconds_are_told_apart()
    {
        Assert.Equal("2026-09-21T14:13:20.000000Z", Text(SourceInstant.FromEpoch(1790000000)));
        Assert.Equal("2026-09-21T14:13:20.123000Z", Text(SourceInstant.FromEpoch(1790000000123)));
        Assert.Equal("2026-09-21T14:13:20.500000Z", Text(SourceInstant.FromEpoch(1790000000.5m)));
        Assert.Null(SourceInstant.FromEpoch(decimal.MaxValue));
        Assert.Null(SourceInstant.FromEpoch(decimal.MinValue));
    }

    private static string? Text(DateTimeOffset? instant) =>
        instant?.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffK", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal);
}
