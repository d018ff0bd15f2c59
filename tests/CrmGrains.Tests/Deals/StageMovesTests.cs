using CrmGrains.Core.Configuration;
using CrmGrains.Core.Deals;
using CrmGrains.Host.Configuration;
using CrmGrains.Tests.Configuration;

namespace CrmGrains.Tests.Deals;

public sealed class StageMovesTests
{
    private static readonly PipelineConfiguration Sales = new()
    {
        Id = "p",
        Stage = "2",
        MoveFrom = ["1", "9"],
        Stages = new Dictionary<string, StageConfiguration>
        {
            ["fresh"] = new("1", ["qualified", "lost"]),
            ["qualified"] = new("2", ["won", "lost"]),
            ["won"] = new("3", []),
            ["lost"] = new("4", ["fresh"]),
            ["forgotten"] = new("5", ["won"]),
        },
    };

    [Theory]
    [InlineData("1", "2", true)]
    [InlineData("2", "1", false)]
    [InlineData("4", "1", true)]
    [InlineData("3", "3", true)]
    [InlineData("3", "2", false)]
    [InlineData("9", "2", false)]
    [InlineData("2", "9", false)]
    public void A_move_is_allowed_where_the_stage_it_leaves_names_the_one_it_goes_to(string from, string to, bool isAllowed) =>
        Assert.Equal(isAllowed, StageMoves.IsAllowed(Sales, from, to));

    [Fact]
    public void A_lead_moves_its_deal_only_from_stages_that_may_be_left_for_its_own() =>
        Assert.Equal(["1"], StageMoves.ForLeads(Sales));

    [Fact]
    public void A_pipeline_without_stages_moves_deals_as_it_always_did()
    {
        var plain = new PipelineConfiguration { Id = "p", Stage = "2", MoveFrom = ["1", "9"] };

        Assert.Equal(["1", "9"], StageMoves.ForLeads(plain));
        Assert.False(StageMoves.IsAllowed(plain, "2", "1"));
    }

    [Fact]
    public void A_stage_that_no_deal_comes_into_is_named() => Assert.Equal(["forgotten"], StageMoves.Unreachable(Sales));

    [Theory]
    [InlineData("{new: {id: audit_new, to: [gone]}, ready: {id: audit_qualified}}", "stages.new.to[0]: It names the stage `gone`, which there isn't")]
    [InlineData("{new: {id: audit_new, to: [new]}, ready: {id: audit_qualified}}", "stages.new.to[0]: It names its own stage")]
    [InlineData("{new: {id: audit_new}}", "stage: It is the id of none of the `stages`")]
    [InlineData("{new: {id: audit_new}, ready: {id: audit_qualified}}", "move_from: From the stage `audit_new` no move to `audit_qualified` is allowed")]
    [InlineData("{new: {id: audit_new, to: [ready]}, again: {id: audit_new}, ready: {id: audit_qualified}}", "stages.again.id: The stage `new` has this id too")]
    public void Stages_that_cannot_be_meant_are_faults(string stages, string fault) =>
        Assert.Contains(Demo.Faults(With(stages)), found => found.ToString().Contains($"pipelines.automation_audit.{fault}", StringComparison.Ordinal));

    [Fact]
    public void An_unreachable_stage_is_a_warning_and_no_fault()
    {
        var file = WorkspaceFile.Parse("demo.yaml", With("{new: {id: audit_new, to: [ready]}, ready: {id: audit_qualified}, odd: {id: audit_odd}}"));

        Assert.True(file.IsValid);
        Assert.Contains("No deal comes into it", Assert.Single(file.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal(["audit_new"], StageMoves.ForLeads(file.Configuration.Pipelines["automation_audit"]));
    }

    private static string With(string stages) => Demo.With("    move_from: [audit_new]\n", $"    move_from: [audit_new]\n    stages: {stages}\n");
}
