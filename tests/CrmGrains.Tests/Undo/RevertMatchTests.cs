using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Undo;

namespace CrmGrains.Tests.Undo;

public sealed class RevertMatchTests
{
    private static readonly RecordImage Nothing = new() { IsThere = false };

    [Fact]
    public void A_record_that_is_gone_needs_nothing() =>
        Assert.Equal("gone", Assert.IsType<RevertPlan.Nothing>(Decide(Nothing, Image(("phone", "2")), null)).Action);

    [Fact]
    public void What_was_made_and_left_alone_is_archived_and_what_was_written_again_is_not()
    {
        var left = Image(("phone", "2"), (BatchWrites.EffectProperty, "e1"));

        Assert.IsType<RevertPlan.Archive>(Decide(Nothing, left, Now(("phone", "2"), (BatchWrites.EffectProperty, "e1"))));
        Assert.Equal(["phone"], Changed(Decide(Nothing, left, Now(("phone", "3"), (BatchWrites.EffectProperty, "e1")))));
        Assert.Equal([BatchWrites.EffectProperty], Changed(Decide(Nothing, left, Now(("phone", "2"), (BatchWrites.EffectProperty, "e2")))));
    }

    [Fact]
    public void Fields_get_back_what_they_had_and_empty_ones_are_emptied()
    {
        var plan = Decide(Image(("phone", "1"), ("city", "")), Image(("phone", "2"), ("city", "Ulm")), Now(("phone", "2"), ("city", "Ulm"), ("name", "x")));

        Assert.Equal(
            new Dictionary<string, string> { ["phone"] = "1", ["city"] = "" }, Assert.IsType<RevertPlan.Restore>(plan).Properties);
    }

    [Fact]
    public void A_second_time_there_is_nothing_left_to_restore() =>
        Assert.Equal("found", Assert.IsType<RevertPlan.Nothing>(Decide(Image(("phone", "1")), Image(("phone", "2")), Now(("phone", "1")))).Action);

    [Fact]
    public void One_field_that_somebody_changed_keeps_all_of_them()
    {
        var plan = Decide(Image(("phone", "1"), ("city", "")), Image(("phone", "2"), ("city", "Ulm")), Now(("phone", "2"), ("city", "Bonn")));

        Assert.Equal(["city"], Changed(plan));
    }

    [Fact]
    public void A_later_mark_of_ours_is_left_and_hinders_no_field()
    {
        var plan = Decide(
            Image(("phone", "1"), (BatchWrites.EffectProperty, "")), Image(("phone", "2"), (BatchWrites.EffectProperty, "e1")),
            Now(("phone", "2"), (BatchWrites.EffectProperty, "e2")));

        Assert.Equal(["phone"], Assert.IsType<RevertPlan.Restore>(plan).Properties.Keys);
    }

    [Fact]
    public void A_long_text_is_known_again_by_its_hash()
    {
        var text = new string('x', 5_000);
        var (before, after) = Images.Made(["hs_note_body"], _ => text, null, null);

        Assert.DoesNotContain("xxx", Assert.Single(after.Fields).Value, StringComparison.Ordinal);
        Assert.IsType<RevertPlan.Archive>(Decide(before, after, Now(("hs_note_body", text))));
        Assert.Equal(["hs_note_body"], Changed(Decide(before, after, Now(("hs_note_body", text + ".")))));
    }

    private static IReadOnlyList<string> Changed(RevertPlan plan) => Assert.IsType<RevertPlan.Changed>(plan).Fields;

    private static RevertPlan Decide(RecordImage before, RecordImage after, CrmRecord? now) =>
        RevertMatch.Decide(new CrmCommand.Revert("contact", "e1", 1, null, "17", before, after, []), now, null);

    private static CrmRecord Now(params (string Name, string Value)[] properties) =>
        new() { Id = "17", Properties = properties.ToDictionary(property => property.Name, string? (property) => property.Value) };

    private static RecordImage Image(params (string Name, string Value)[] fields) =>
        new() { IsThere = true, Fields = [.. fields.Select(field => new FieldImage(field.Name, field.Name, field.Value))] };
}
