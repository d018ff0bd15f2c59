using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Grains;

public sealed class GrainIdTests
{
    [Fact]
    public void An_id_is_read_as_workspace_kind_and_key_and_its_key_may_have_slashes()
    {
        var id = GrainId.Parse("acme/deal/c1/sales");

        Assert.Equal(("acme", "deal", "c1/sales"), (id.Workspace, id.Kind, id.Key));
        Assert.Equal("acme/deal/c1/sales", id.ToString());
        Assert.Equal(id, GrainId.Of("acme", "deal", "c1/sales"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("acme/deal")]
    [InlineData("acme/deal/")]
    [InlineData("/deal/c1")]
    [InlineData("acme//c1")]
    [InlineData("//")]
    public void A_text_without_all_three_parts_is_no_id(string? text) => Assert.False(GrainId.TryParse(text, out _));

    [Fact]
    public void Parsing_what_is_no_id_says_what_an_id_looks_like() =>
        Assert.Contains("workspace/kind/key", Assert.Throws<FormatException>(() => GrainId.Parse("acme")).Message, StringComparison.Ordinal);
}
