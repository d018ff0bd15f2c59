using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Intake.Drift;
using FsCheck;
using FsCheck.Fluent;
using Made = CrmGrains.Tests.Intake.Sources.A;

namespace CrmGrains.Tests.Intake.Drift;

public sealed class SketchTests
{
    private static readonly MappedPaths Mapped = MappedPaths.Of(Made.DiagnosticSource);

    private static readonly string[] Names = ["fields", "email", "urgency", "a", "b", "user@example.com", "4915112345678", "stack", "x.y"];

    [Fact]
    public void Sketches_merge_in_any_order_and_grouping() =>
        Prop.ForAll(Payloads(), Payloads(), Payloads(), (x, y, z) =>
        {
            var (one, two, three) = (Of(x), Of(y), Of(z));
            return Written(one.Merge(two).Merge(three)) == Written(one.Merge(two.Merge(three)))
                && Written(one.Merge(two)) == Written(two.Merge(one));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_merged_a_sketch_stays_within_its_bounds()
    {
        var sketch = Sketch.Empty;
        for (var payload = 0; payload < 40; payload++)
            sketch = sketch.Merge(Read(Wide(payload)));

        Assert.Equal(Sketch.MaxPaths, sketch.Paths.Count);
        Assert.Contains("fields.email", sketch.Paths.Keys);
        Assert.All(sketch.Paths.Values, path => Assert.True(path.Words.Count <= PathSketch.MaxWords));
    }

    [Fact]
    public void Bounded_sketches_merge_in_any_order_too()
    {
        var parts = Enumerable.Range(0, 12).Select(payload => Read(Wide(payload))).ToArray();

        var forwards = parts.Aggregate((one, other) => one.Merge(other));
        var backwards = parts[..6].Reverse().Aggregate((one, other) => one.Merge(other)).Merge(parts[6..].Aggregate((one, other) => other.Merge(one)));

        Assert.Equal(Written(forwards), Written(backwards));
    }

    [Fact]
    public void No_value_of_a_person_is_kept_nor_a_name_that_may_be_one()
    {
        var sketch = Read("""
            {"submission_id":"diag_1","fields":{"email":"ann@example.com","phone":"+49 30 1234567","full_name":"Ann","pain":"everything","urgency":"high"},
             "people":{"bob@example.com":1,"4915112345678":2,"Carla.Jones":3}}
            """);

        var kept = Written(sketch);

        Assert.All(
            (string[])["ann", "1234567", "Ann", "everything", "diag_1", "bob", "49151", "Carla"],
            word => Assert.DoesNotContain(word, kept, StringComparison.Ordinal));
        Assert.Contains("high", kept, StringComparison.Ordinal);
        Assert.Equal(3, sketch.Paths["people.*"].Seen);
    }

    [Fact]
    public void More_than_twenty_words_are_no_choices()
    {
        var few = Enumerable.Range(0, 20).Select(number => Read(Urgency($"word{number}"))).Aggregate((one, other) => one.Merge(other));

        var many = few.Merge(Read(Urgency("another")));

        Assert.Equal(20, few.Paths["fields.urgency"].Words.Count);
        Assert.True(many.Paths["fields.urgency"] is { IsFreeText: true, Words.Count: 0 });
    }

    [Theory]
    [InlineData("missing", """{"fields":{"phone":"1"}}""", "fields.email", true)]
    [InlineData("missing", """{"fields":{"email":null,"phone":"1"}}""", "fields.email", true)]
    [InlineData("missing", """{"other":1}""", "fields", true)]
    [InlineData("retyped", """{"fields":{"email":{"address":"x"},"phone":"1"}}""", "fields.email", true)]
    [InlineData("retyped", """{"fields":{"email":5,"phone":"1"}}""", "fields.email", false)]
    [InlineData("retyped", """{"fields":"none"}""", "fields", true)]
    public void A_change_is_told_at_its_topmost_path_once(string kind, string payload, string path, bool isBreaking)
    {
        var usual = Enumerable.Repeat(Read("""{"fields":{"email":"x","phone":"1"}}"""), 10).Aggregate((one, other) => one.Merge(other));

        var change = Assert.Single(DriftComparison.Compare(usual, Read(payload), Mapped, learnFrom: 10));

        Assert.Equal((path, kind, isBreaking), (change.Path, change.Kind, change.IsBreaking));
    }

    [Fact]
    public void A_guard_lets_nothing_pass_that_the_comparison_would_hold() =>
        Prop.ForAll(Payloads(), Payloads(), (x, y) =>
        {
            var usual = Enumerable.Repeat(Of(x), 10).Aggregate((one, other) => one.Merge(other));
            using var document = JsonDocument.Parse(y);
            return !new DriftGuard(usual, Mapped, 10).Fits(document.RootElement)
                || !DriftComparison.Compare(usual, Of(y), Mapped, 10).Exists(change => change.IsBreaking);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Once_learned_only_a_sample_is_read_as_a_whole()
    {
        var shape = new ShapeWatch("v", Mapped, new DriftOptions { LearnFrom = 10, SampleEvery = 50 });
        using var document = JsonDocument.Parse(Made.DiagnosticBody);
        for (var delivery = 0; delivery < 540; delivery++)
            Assert.Empty(shape.Look(document.RootElement));

        Assert.Equal(40 + (500 / 50), shape.TakeFresh().Deliveries);
    }

    private static string Wide(int payload) =>
        $$"""{"fields":{"email":"x"},{{string.Join(',', Enumerable.Range(0, 200).Select(n => $"\"k{(char)('a' + (n % 26))}{(char)('a' + (n / 26))}{(char)('a' + payload % 26)}{(char)('a' + payload / 26)}\":1"))}}}""";

    private static string Urgency(string word) => $$$"""{"fields":{"urgency":"{{{word}}}"}}""";

    private static Sketch Of(string payload) => Read(payload);

    private static Sketch Read(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        return ShapeReader.Read(document.RootElement, Mapped) ?? throw new InvalidOperationException("It is not whole.");
    }

    private static string Written(Sketch sketch) => JsonSerializer.Serialize(sketch, DriftJson.Default.Sketch);

    private static Arbitrary<string> Payloads() => Gen.Sized(size => Object(Math.Min(size, 12)))
        .Select(node => node.ToJsonString()).ToArbitrary();

    private static Gen<JsonNode> Object(int size) =>
        from members in (from name in Gen.Elements(Names) from value in Node(size / 2) select (name, value)).ListOf()
        select (JsonNode)new JsonObject(members.DistinctBy(member => member.name).Select(member => new KeyValuePair<string, JsonNode?>(member.name, member.value)));

    private static Gen<JsonNode?> Node(int size)
    {
        var scalars = Gen.Elements<Func<JsonNode?>>(() => null, () => 5, () => true, () => "high", () => "low", () => "free text").Select(make => make());
        return size <= 1
            ? scalars
            : Gen.OneOf(scalars, Object(size).Select(node => (JsonNode?)node), Node(size / 2).ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Take(4)])));
    }
}
