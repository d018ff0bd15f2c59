using CrmGrains.Host.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CrmGrains.IntegrationTests.Access;

/// <summary>An endpoint that forgets whom it is for isn't served.</summary>
public sealed class AccessRuleTests
{
    [Fact]
    public void An_endpoint_that_says_nothing_of_access_keeps_the_process_from_starting() =>
        Assert.Contains("doesn't say who may call it", FaultOf(app => app.MapGet("/v1/new", () => "")), StringComparison.Ordinal);

    [Fact]
    public void One_that_deals_with_what_is_a_workspaces_and_doesnt_ask_who_calls_keeps_the_process_from_starting() =>
        Assert.Contains(
            "doesn't take the Caller", FaultOf(app => app.MapGet("/v1/new", (string workspace) => workspace).Needs(Scope.LedgerRead)), StringComparison.Ordinal);

    [Fact]
    public void One_that_needs_a_key_and_lets_anybody_in_keeps_the_process_from_starting() =>
        Assert.Contains(
            "leave one of the two out", FaultOf(app => app.MapGet("/v1/new", (Caller caller) => caller.Name).Needs(Scope.Admin).AllowAnonymous()), StringComparison.Ordinal);

    [Fact]
    public void Endpoints_that_say_it_are_served()
    {
        Assert.Equal("", FaultOf(app => app.MapGet("/v1/new", (Caller caller) => caller.Name).Needs(Scope.LedgerRead)));
        Assert.Equal("", FaultOf(app => app.MapGet("/v1/new", () => "").Needs(Scope.LedgerRead, Extent.Installation)));
        Assert.Equal("", FaultOf(app => app.MapGet("/v1/new", () => "").NeedsNoKey()));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "a", "a")]
    [InlineData("a", null, "a")]
    [InlineData("a", "a", "a")]
    [InlineData("a", "b", "")]
    public void A_key_of_one_workspace_looks_nowhere_else(string? bound, string? asked, string? narrowed) =>
        Assert.Equal(narrowed, new Caller("someone", bound).Narrow(asked));

    [Fact]
    public async Task Nobody_is_known_to_call_where_no_key_was_needed() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Caller.BindAsync(new DefaultHttpContext()));

    private static string FaultOf(Action<WebApplication> map)
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        map(app);
        return Record.Exception(() => app.CheckAccess())?.Message ?? "";
    }
}
