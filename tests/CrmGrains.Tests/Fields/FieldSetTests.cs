using CrmGrains.Core.Fields;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Fields;

public sealed class FieldSetTests
{
    private static readonly string[] Names = ["email", "phone", "score"];

    // Few instants, ranks and names, so that ties and overlaps are common. An event says the same whenever it is told.
    private static readonly Arbitrary<int[]> SomeEvents = Gen.Choose(0, 59).ArrayOf().ToArbitrary();

    [Fact]
    public void Any_order_of_events_ends_in_the_same_fields() =>
        Prop.ForAll(SomeEvents, ArbMap.Default.ArbFor<int>(), (events, seed) =>
            Same(All(events), All(events.OrderBy(number => HashCode.Combine(number, seed)))))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_repetition_of_events_ends_in_the_same_fields() =>
        Prop.ForAll(SomeEvents, events => Same(All(events), All(events.Concat(events.Reverse()).Concat(events))))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Merging_again_what_was_merged_changes_nothing_and_finds_nothing_stale() =>
        Prop.ForAll(SomeEvents, Gen.Choose(0, 59).ToArbitrary(), (events, number) =>
        {
            var once = FieldSet.Merge(All(events), Said(number), Mark(number));
            var twice = FieldSet.Merge(once.Fields, Said(number), Mark(number));
            return ReferenceEquals(once.Fields, twice.Fields) && twice.Changed.Count == 0 && twice.Stale.SequenceEqual(once.Stale);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_older_word_fills_gaps_and_sets_nothing_back()
    {
        var fields = FieldSet.Merge(FieldSet.Empty, [new("email", new FieldValue.Text("new"))], A.Mark(1)).Fields;

        var merge = FieldSet.Merge(fields, [new("email", new FieldValue.Text("old")), new("phone", new FieldValue.Text("1"))], A.Mark(0));

        Assert.Equal("new", merge.Fields.Text("email"));
        Assert.Equal("1", merge.Fields.Text("phone"));
        Assert.Equal(["phone"], merge.Changed);
        Assert.Equal(["email"], merge.Stale);
    }

    [Fact]
    public void The_same_value_said_later_moves_the_mark_and_is_no_change()
    {
        var fields = FieldSet.Merge(FieldSet.Empty, [new("email", new FieldValue.Text("x"))], A.Mark(0)).Fields;

        var merge = FieldSet.Merge(fields, [new("email", new FieldValue.Text("x"))], A.Mark(2));

        Assert.Empty(merge.Changed);
        Assert.Equal(A.Mark(2), merge.Fields["email"].Mark);
    }

    [Fact]
    public void Nothing_said_clears_nothing()
    {
        var fields = FieldSet.Merge(FieldSet.Empty, [new("email", new FieldValue.Text("x"))], A.Mark(0)).Fields;

        Assert.Same(fields, FieldSet.Merge(fields, [new("email", null)], A.Mark(2)).Fields);
    }

    private static IReadOnlyDictionary<string, Field> All(IEnumerable<int> events) =>
        events.Aggregate(FieldSet.Empty, (fields, number) => FieldSet.Merge(fields, Said(number), Mark(number)).Fields);

    private static IEnumerable<KeyValuePair<string, FieldValue?>> Said(int number) => Names
        .Where((_, place) => (number >> place) % 2 == 0)
        .Select(name => new KeyValuePair<string, FieldValue?>(name, new FieldValue.Number(number % 7)));

    private static Watermark Mark(int number) => A.Mark(number % 4, number % 3, number);

    private static bool Same(IReadOnlyDictionary<string, Field> one, IReadOnlyDictionary<string, Field> other) => one.SequenceEqual(other);
}
