using CrmGrains.Core.Undo;

namespace CrmGrains.Tests.Undo;

public sealed class UndoPlanTests
{
    private static readonly DoneCommand Updated = new()
    {
        Id = 10, Object = "contact", Operation = "search_then_upsert", State = "succeeded", Action = "updated",
        Before = Image(("phone", "1")), After = Image(("phone", "2")),
    };

    private static readonly DoneCommand Made = Updated with { Id = 5, Action = "created", Before = new RecordImage { IsThere = false } };

    public static TheoryData<string, DoneCommand> Classes { get; } = new()
    {
        { ConflictClass.UntouchedSince, Updated },
        { ConflictClass.UntouchedSince, Made },
        { ConflictClass.InFlight, Updated with { State = "blocked", Before = null, After = null } },
        { ConflictClass.UndoneAlready, Updated with { IsReverted = true } },
        { ConflictClass.UndoneAlready, Updated with { State = "dead_lettered", Before = null, After = null } },
        { ConflictClass.UndoneAlready, Updated with { Before = Image(), After = Image() } },
        { ConflictClass.UndoneAlready, Updated with { Action = "found", Before = null, After = null } },
        { ConflictClass.NotReversible, Updated with { State = "dead_lettered", IsUncertain = true } },
        { ConflictClass.NotReversible, Updated with { Before = null, After = null } },
        { ConflictClass.NotReversible, Updated with { Object = "mail" } },
        { ConflictClass.NotReversible, Updated with { Operation = "revert" } },
        { ConflictClass.ChangedSince, Updated with { Later = new LaterWrite(11, Image(("phone", "3"))) } },
        { ConflictClass.ChangedSince, Updated with { Later = new LaterWrite(11, null) } },
        { ConflictClass.ChangedSince, Made with { Later = new LaterWrite(11, Image(("city", "3"))) } },
        { ConflictClass.UntouchedSince, Updated with { Later = new LaterWrite(11, Image(("city", "3"), ("effect", "e"))) } },
    };

    [Theory]
    [MemberData(nameof(Classes))]
    public void Each_step_has_the_class_that_says_how_it_stands(string expected, DoneCommand command) =>
        Assert.Equal(expected, Assert.Single(UndoPlan.Of([command])).Class);

    [Fact]
    public void A_later_write_that_is_taken_back_too_is_in_nobodys_way()
    {
        var later = new LaterWrite(Updated.Id, Updated.After);

        Assert.Equal(
            [ConflictClass.UntouchedSince, ConflictClass.UntouchedSince], UndoPlan.Of([Updated, Made with { Later = later }]).Select(step => step.Class));
        Assert.Equal(
            [ConflictClass.NotReversible, ConflictClass.ChangedSince],
            UndoPlan.Of([Updated with { Before = null, After = null }, Made with { Later = later }]).Select(step => step.Class));
    }

    [Fact]
    public void A_step_names_the_fields_that_it_restores_and_no_values()
    {
        var step = Assert.Single(UndoPlan.Of([Updated with { Before = Image(("phone", "secret"), ("effect", "e")) }]));

        Assert.Equal(["phone"], step.Fields);
        Assert.DoesNotContain("secret", step.ToString(), StringComparison.Ordinal);
    }

    private static RecordImage Image(params (string Name, string Value)[] fields) =>
        new() { IsThere = true, Fields = [.. fields.Select(field => new FieldImage(field.Name, field.Name, field.Value))] };
}
