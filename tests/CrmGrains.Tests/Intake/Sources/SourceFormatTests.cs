using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Json;
using CrmGrains.Host.Samples;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;
using CrmGrains.Tests.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Sources;

public sealed class SourceFormatTests
{
    // 100,000 take minutes: set CRMGRAINS_FUZZ_INPUTS to as many.
    private static readonly int Inputs = int.TryParse(
        Environment.GetEnvironmentVariable("CRMGRAINS_FUZZ_INPUTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var inputs) ? inputs : 1_000;

    private static readonly TimeSpan AtMost = TimeSpan.FromMilliseconds(50);

    public static TheoryData<string> Formats => new(SourceFormats.Names);

    [Fact]
    public void There_is_one_for_each_name_and_no_other()
    {
        Assert.All(SourceFormats.All, format => Assert.Same(format, SourceFormats.For(format.Name)));
        Assert.Throws<ArgumentException>(() => SourceFormats.For("xml"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Each_has_a_sample(string format) => Assert.NotEmpty(FormatSample.Of(format));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Random_bytes_are_never_an_event_and_never_throw(string format) => Prop.ForAll<byte[]>(body =>
        Assert.DoesNotContain(Judged(format, body, "multipart/form-data; boundary=a"), one => one is Normalized.Event))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(Inputs / 4));

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_sample_that_was_tampered_with_never_throws_and_never_hangs_and_is_an_event_only_without_a_fault(string format) =>
        Prop.ForAll(Tampered(format).ToArbitrary(), delivery =>
        {
            foreach (var one in Judged(format, delivery.Body, delivery.ContentType))
                Explained(one);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Inputs));

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_sample_of_which_one_value_is_another_is_an_event_or_says_why_not(string format)
    {
        foreach (var sample in FormatSample.Of(format).Where(sample => sample.Extension == ".json"))
        {
            var headers = sample.Headers();
            foreach (var body in OneOther.Of(sample.Body()))
            {
                foreach (var missing in headers.Keys.Prepend(""))
                {
                    var delivery = new RawDelivery(A.EventId, A.Received, body)
                    {
                        ContentType = headers["Content-Type"],
                        Headers = headers.Where(header => header.Key != missing).ToDictionary(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase),
                    };
                    foreach (var one in SourceFormats.For(format).Normalize(delivery, SourceOf(format), A.Workspace))
                        Explained(one);
                }
            }
        }
    }

    private static void Explained(Normalized one)
    {
        switch (one)
        {
            case Normalized.Event accepted:
                Assert.Empty(accepted.Validation.Faults);
                Assert.NotEmpty(JsonSerializer.Serialize(accepted.Value, CoreJson.Default.ContractEvent));
                break;
            case Normalized.Rejected rejected:
                Assert.NotEmpty(rejected.Validation.Faults);
                Assert.All(rejected.Validation.Faults, fault => Assert.True(fault is { Path.Length: > 0, Code.Length: > 0, Message.Length: > 0 }));
                break;
            case Normalized.Ignored ignored:
                Assert.NotEmpty(ignored.Reason);
                break;
        }
    }

    private static Gen<(byte[] Body, string ContentType)> Tampered(string format) =>
        from sample in Gen.Elements(FormatSample.Of(format).ToArray())
        from body in Mutated.Of(sample.Body())
        select (body, sample.Headers()["Content-Type"]);

    // A pause of the machine is no hang of ours: only what is slow again and again is.
    private static IReadOnlyList<Normalized> Judged(string format, byte[] body, string contentType)
    {
        var shortest = TimeSpan.MaxValue;
        IReadOnlyList<Normalized> judged = [];
        for (var attempt = 0; attempt < 5 && shortest > AtMost; attempt++)
        {
            var started = Stopwatch.GetTimestamp();
            SourceFormats.For(format).DeliveryId(new SignedRequest(body, _ => [contentType]));
            judged = SourceFormats.For(format).Normalize(new RawDelivery(A.EventId, A.Received, body) { ContentType = contentType }, SourceOf(format), A.Workspace);
            var took = Stopwatch.GetElapsedTime(started);
            shortest = took < shortest ? took : shortest;
        }

        Assert.True(shortest <= AtMost, $"{format} takes {shortest.TotalMilliseconds} ms for {Encoding.Latin1.GetString(body)}");
        return judged;
    }

    private static SourceConfiguration SourceOf(string format) => A.DiagnosticSource with
    {
        Name = format,
        Format = format,
        System = format,
        IdempotencyKey = null,
        EventType = format == "json" ? "lead.submitted" : null,
        Map = format != "json" ? new Dictionary<string, string>() : SourceWords.MapTargets.ToDictionary(
            field => field, field => field == "occurred_at" ? "submitted_at" : $"fields.{field.Split('.')[^1]}"),
    };
}
