using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Core.Json;
using CrmGrains.Intake.Sources;
using CrmGrains.Tests.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Sources;

/// <summary>What all formats of CRMs, shops and callers have in common.</summary>
public sealed class VendorSampleTests
{
    private static readonly string[] Formats = ["hubspot", "pipedrive", "highlevel", "shopify", "github", "stripe", "contract"];

    private static readonly (string Format, string Name)[] All =
        [.. Formats.SelectMany(format => VendorSample.EventsOf(format).Select(name => (format, name)))];

    public static IEnumerable<object[]> Samples => All.Select(one => new object[] { one.Format, one.Name });

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_becomes_events_of_the_type_that_it_is_named_after(string format, string name) =>
        Assert.All(VendorSample.Of(format, name).Events(), made =>
        {
            Assert.Equal(name, made.EventType);
            Assert.True(EventType.IsKnown(made.EventType));
            Assert.InRange(made.IdempotencyKey.Length, 10, 400);
        });

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_same_delivery_has_the_same_keys_and_the_same_id(string format, string name)
    {
        var (one, other) = (VendorSample.Of(format, name), VendorSample.Of(format, name));

        Assert.Equal(one.Events().Select(made => made.IdempotencyKey), other.Events().Select(made => made.IdempotencyKey));
        Assert.Equal(one.DeliveryId(), other.DeliveryId());
        Assert.Equal(!IsToldApartByItsBody(format, name), one.DeliveryId() is not null);
    }

    [Fact]
    public void All_samples_have_keys_of_their_own()
    {
        var keys = All.SelectMany(one => VendorSample.Of(one.Format, one.Name).Events()).Select(made => made.IdempotencyKey).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Fact]
    public void Each_type_of_a_format_has_a_sample() => Assert.All(Formats, format => Assert.Equal(
        SourceFormats.For(format).EventTypes.Select(type => type == "custom.*" ? "custom.webinar.attended" : type).Order(StringComparer.Ordinal),
        VendorSample.EventsOf(format).Order(StringComparer.Ordinal)));

    [Fact]
    public void A_payload_that_was_tampered_with_never_throws_and_is_an_event_only_without_a_fault()
    {
        var samples = All.Select(one => VendorSample.Of(one.Format, one.Name)).ToArray();
        var mutated =
            from sample in Gen.Elements(samples)
            from body in Mutated.Of(sample.Body)
            select (sample, body);
        Prop.ForAll(mutated.ToArbitrary(), one =>
        {
            var (sample, body) = one;
            var made = SourceFormats.For(sample.Format).Normalize(
                new RawDelivery(A.EventId, A.Received.AddYears(1), body) { Headers = sample.Headers }, sample.Source, A.Workspace);
            Assert.NotEmpty(made);
            foreach (var each in made)
            {
                if (each is Normalized.Event accepted)
                {
                    Assert.Empty(accepted.Validation.Faults);
                    Assert.NotEmpty(JsonSerializer.Serialize(accepted.Value, CoreJson.Default.ContractEvent));
                }
                else if (each is Normalized.Rejected rejected)
                {
                    Assert.NotEmpty(rejected.Validation.Faults);
                    Assert.All(rejected.Validation.Faults, fault => Assert.True(fault is { Path.Length: > 0, Code.Length: > 0, Message.Length: > 0 }));
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Theory]
    [InlineData("", "[]")]
    [InlineData("[]", "[]")]
    [InlineData("{}", "{}")]
    [InlineData("[[],7,null,{}]", "[]")]
    public void What_is_no_event_is_told_from_one(string body, string rest)
    {
        foreach (var format in Formats)
        {
            foreach (var text in new[] { body, rest })
            {
                var made = (VendorSample.Of(format, VendorSample.EventsOf(format)[0]) with { Body = text, Headers = new Dictionary<string, string>() }).All();
                Assert.All(made, each => Assert.IsNotType<Normalized.Event>(each));
            }
        }
    }

    [Fact]
    public void A_part_of_a_key_is_plain_and_bounded_or_a_hash()
    {
        Assert.Equal("in_1-2.3", KeyPart.Of("in_1-2.3"));
        Assert.All([KeyPart.Of("a:b"), KeyPart.Of("{source}"), KeyPart.Of(new string('x', 65)), KeyPart.Of(null)], part =>
        {
            Assert.Equal(32, part.Length);
            Assert.DoesNotContain(':', part);
        });
        Assert.NotEqual(KeyPart.Of("a:b"), KeyPart.Of("a:c"));
    }

    // HubSpot names no delivery, and a workflow of HighLevel doesn't either.
    private static bool IsToldApartByItsBody(string format, string name) =>
        format == "hubspot" || (format, name) == ("highlevel", "lead.submitted");
}
