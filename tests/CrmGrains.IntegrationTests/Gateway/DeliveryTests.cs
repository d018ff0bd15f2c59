using System.Net;
using System.Text;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>What a sender may rely on.</summary>
public sealed class DeliveryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_delivery_that_comes_again_is_answered_with_the_first_ones_event_whatever_its_body_is_now()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();

        var first = await installation.Sender.SendAsync(A.Lead);
        var again = await installation.Sender.SendAsync(A.Lead);
        var other = await installation.Sender.SendAsync(A.Lead.With(A.Lead.DeliveryId, ("submission_id", "diag_other")));
        await installation.QuietAsync();

        Assert.Equal((false, true, true), (first.IsDuplicate, again.IsDuplicate, other.IsDuplicate));
        Assert.Equal((first.EventId, first.EventId), (again.EventId, other.EventId));
        Assert.Equal(A.Lead.Body, await installation.Database.ValueAsync<byte[]>("SELECT body FROM raw_event"));
        Assert.Equal([first.EventId], await installation.Database.ListAsync<Guid>("SELECT event_id FROM ledger WHERE outcome = 'conflict'"));
        var trace = await installation.Api.TraceAsync(first.EventId);
        Assert.Equal("completed", trace.GetProperty("status").GetString());
        Assert.Single((await installation.Crm.ReadAsync()).Notes);
    }

    [Fact]
    public async Task Sources_that_sign_no_id_are_told_apart_by_the_id_in_the_body()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync("gateway");
        var sameId = A.GenericLead.With("unused", ("contact.name", "Somebody Else"));
        var otherId = A.GenericLead.With("unused", ("id", "gen_other"));

        var receipts = await installation.Sender.SendAsync([A.GenericLead]);
        receipts = [.. receipts, .. await installation.Sender.SendAsync([sameId, otherId, A.InvoicePaid, A.InvoicePaid with { DeliveryId = "unused" }])];

        Assert.Equal((receipts[0].EventId, true), (receipts[1].EventId, receipts[1].IsDuplicate));
        Assert.Equal(receipts[3].EventId, receipts[4].EventId);
        Assert.Equal(3, receipts.DistinctBy(receipt => receipt.EventId).Count());
    }

    [Fact]
    public async Task Deliveries_of_one_id_that_race_become_one_event()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await Task.WhenAll(installation.StartAsync("gateway"), installation.StartAsync("gateway"));
        var hosts = installation.Hosts;
        var posts = Enumerable.Range(0, 400).Select(number => A.Lead with { DeliveryId = $"msg_{number % 40}" }).ToList();

        var receipts = await Task.WhenAll(posts.Select((post, index) => new Sender(() => hosts[index % 2].Url).SendAsync(post)));

        Assert.Equal(40, await installation.Database.ValueAsync<long>("SELECT count(*) FROM raw_event"));
        Assert.All(receipts.GroupBy(receipt => receipt.Post.DeliveryId), delivery =>
        {
            Assert.Single(delivery.DistinctBy(receipt => receipt.EventId));
            Assert.Single(delivery, receipt => !receipt.IsDuplicate);
        });
    }

    [Fact]
    public async Task The_bytes_and_headers_are_kept_as_they_came_but_no_credentials()
    {
        await using var installation = await Installation.CreateQuickAsync(output);
        await installation.StartAsync();
        var body = Encoding.UTF8.GetBytes("\uFEFF{ \"form\" : \"diagnostic\",\n\t\"note\": \"Zürich \\u00e9\" }  ");
        var post = new Post("diagnostic", "msg_odd", body);
        var headers = Sender.Sign(post).Append(new("Authorization", "Bearer never-kept")).Append(new("X-Forwarded-For", "192.0.2.1")).ToDictionary();

        var reply = await installation.Sender.TryAsync(post, headers);
        await installation.QuietAsync();

        Assert.Equal(HttpStatusCode.Accepted, reply.Status);
        Assert.Equal(body, await installation.Database.ValueAsync<byte[]>("SELECT body FROM raw_event"));
        var kept = await installation.Database.ValueAsync<string>("SELECT headers FROM raw_event");
        Assert.Contains("192.0.2.1", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("never-kept", kept, StringComparison.Ordinal);
        var trace = await installation.Api.TraceAsync(reply.Json.GetProperty("event_id").GetGuid());
        Assert.Equal(body, Encoding.UTF8.GetBytes(trace.GetProperty("raw").GetProperty("body").GetString() ?? ""));
        Assert.Equal("in_review", trace.GetProperty("status").GetString());
    }
}
