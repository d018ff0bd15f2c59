using System.Net;
using CrmGrains.Core.Grains;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A process that runs no grains: what the API alone does at once, and whom it tells.</summary>
public sealed class MergeApiTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_person_merges_two_customers_and_undoes_it_and_each_repetition_is_refused_with_a_reason()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.ServeAsync("console");
        foreach (var key in (string[])["c1", "c2"])
        {
            var grain = GrainId.Of("demo", GrainKind.Customer, key);
            await installation.Database.ExecuteAsync(
                "INSERT INTO grain (partition, grain, version, state) VALUES ($1, $2, 1, '{}')", MailboxPartition.Of(grain), grain.ToString());
            await installation.Database.ExecuteAsync(
                "INSERT INTO identity (workspace, kind, value, customer, event_id) VALUES ('demo', 'email', $1, $2, gen_random_uuid())", $"{key}@example.com", key);
        }

        var missing = await installation.Api.PostAsync("/v1/customers/c2/merge?workspace=demo", """{"into":"nobody"}""");
        var merged = await installation.Api.PostAsync("/v1/customers/c2/merge?workspace=demo", """{"into":"c1"}""");
        var again = await installation.Api.PostAsync("/v1/customers/c2/merge?workspace=demo", """{"into":"c1"}""");
        var owners = await Owners(installation);
        var undone = await installation.Api.PostAsync("/v1/customers/c2/unmerge?workspace=demo");
        var undoneAgain = await installation.Api.PostAsync("/v1/customers/c2/unmerge?workspace=demo");

        Assert.Equal(HttpStatusCode.NotFound, missing.Status);
        Assert.Equal((HttpStatusCode.OK, "c1"), (merged.Status, merged.Json.GetProperty("survivor").GetString()));
        Assert.Equal((HttpStatusCode.Conflict, "already_merged"), (again.Status, again.Code));
        Assert.Equal(["c1", "c1"], owners);
        Assert.Equal(HttpStatusCode.OK, undone.Status);
        Assert.Equal((HttpStatusCode.Conflict, "not_merged"), (undoneAgain.Status, undoneAgain.Code));
        Assert.Equal(["c1", "c2"], await Owners(installation));
        Assert.Equal(
            ["customer_merged", "merge_undone"],
            await installation.Database.ListAsync<string>("SELECT kind FROM message WHERE grain = 'demo/customer/c2' ORDER BY id"));
    }

    private static Task<List<string>> Owners(Installation installation) =>
        installation.Database.ListAsync<string>("SELECT customer FROM identity WHERE workspace = 'demo' ORDER BY value");
}
