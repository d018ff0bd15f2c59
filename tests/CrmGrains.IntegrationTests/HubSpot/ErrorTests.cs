using CrmGrains.Connectors;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Configuration;
using CrmGrains.Sandbox;

namespace CrmGrains.IntegrationTests.HubSpot;

public sealed class ErrorTests : HubSpotTest
{
    protected override SandboxOptions Options
    {
        get
        {
            var options = base.Options;
            options.Tokens = "pat-test";
            return options;
        }
    }

    [Fact]
    public async Task A_429_says_how_long_to_wait_and_closes_the_account_until_then()
    {
        using var crm = (HubSpotCrm)Connect(new HubSpotOptions { LongestWait = TimeSpan.FromMilliseconds(100) });
        await Refuse("contacts/batch/read", 429, retryAfter: 7);

        var limited = Assert.Single(await crm.WriteAsync([Of(Contact("ada@nordwind.test"))], Log, CancellationToken.None));
        Assert.Equal(
            ("rate_limited", TimeSpan.FromSeconds(7)), limited is WriteOutcome.Retryable first ? (first.Error, first.RetryAfter) : default);

        var closed = Assert.Single(await crm.WriteAsync([Of(Contact("ada@nordwind.test"))], Log, CancellationToken.None));
        var heldBack = Assert.IsType<WriteOutcome.Retryable>(closed);
        Assert.InRange(heldBack.RetryAfter ?? default, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7));
        Assert.True(heldBack.IsAccountClosed);
        Assert.Single(Log.All);
        Assert.Equal([new("general", 0), new("search", 2_000)], crm.Quotas);
    }

    [Fact]
    public async Task The_end_of_the_days_calls_is_the_accounts_and_no_fault_of_the_command()
    {
        await Refuse("contacts/batch/read", 429, policy: "DAILY");

        var outcome = Assert.IsType<WriteOutcome.Retryable>(await WriteOne(Of(Contact("ada@nordwind.test"))));

        Assert.Equal(("quota_exhausted", true), (outcome.Error, outcome.IsAccountClosed));
    }

    [Fact]
    public async Task Calls_at_once_keep_to_the_limit()
    {
        var second = TimeSpan.FromSeconds(1);
        var account = Account with { General = new RateLimit(40, second), Search = new RateLimit(10, second) };
        using var crm = (HubSpotCrm)Connect(account: account);

        await Task.WhenAll(
            Enumerable.Range(0, 30).Select(i => crm.WriteAsync([Of(Contact($"p{i}@nordwind.test"))], Log, CancellationToken.None)));

        // Eight at once, then 32 a second.
        var began = Log.All.Select(call => call.BeganAt).Order().ToList();
        Assert.Equal(60, began.Count);
        Assert.True(began[^1] - began[0] > TimeSpan.FromSeconds(1.2), $"60 calls were made within {began[^1] - began[0]}.");
    }

    [Fact]
    public async Task An_expired_token_alerts_and_the_probe_tells_when_a_new_one_works()
    {
        Token = "pat-old";
        Assert.Equal("expired_token", Assert.IsType<WriteOutcome.AlertOperator>(await WriteOne(Of(Contact("ada@nordwind.test")))).Error);
        Assert.Equal("expired_token", await Crm.ProbeAsync(Log, CancellationToken.None));

        Token = "pat-test";
        Assert.Null(await Crm.ProbeAsync(Log, CancellationToken.None));
        Assert.DoesNotContain(Log.All, call => $"{call.Path}{call.Request}{call.Response}".Contains("pat-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(403, "missing_scope")]
    [InlineData(404, "api_version_deprecated")]
    public async Task A_call_that_the_account_may_not_make_alerts(int status, string error)
    {
        await Refuse("contacts/batch/upsert", status);

        Assert.Equal(error, Assert.IsType<WriteOutcome.AlertOperator>(await WriteOne(Of(Contact("ada@nordwind.test")))).Error);
    }

    [Fact]
    public async Task Garbage_stops_the_lane_and_a_write_that_got_it_is_uncertain()
    {
        await Fault("contacts/batch/upsert", "garbage");

        Assert.True(Assert.IsType<WriteOutcome.Unknown>(await WriteOne(Of(Contact("ada@nordwind.test")))).IsUncertain);
        Assert.Equal(("unknown", 200), (Log.All[^1].Outcome, Log.All[^1].Status));
    }

    [Fact]
    public async Task Garbage_in_a_read_is_not_uncertain_because_nothing_was_written()
    {
        await Fault("contacts/batch/read", "garbage");

        Assert.False(Assert.IsType<WriteOutcome.Unknown>(await WriteOne(Of(Contact("ada@nordwind.test")))).IsUncertain);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_retried_and_nothing_is_uncertain()
    {
        using var crm = (HubSpotCrm)HubSpotConnector.Create(
            Account, "http://127.0.0.1:1", () => Token, TimeProvider.System, () => 0,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);

        var outcome = Assert.IsType<WriteOutcome.Retryable>(
            Assert.Single(await crm.WriteAsync([Of(Contact("a@b.test"), "1")], Log, CancellationToken.None)));

        Assert.Equal(("connection_failed", false), (outcome.Error, outcome.IsUncertain));
        Assert.Null(Assert.Single(Log.All).Status);
    }

    [Fact]
    public async Task Calls_that_are_cancelled_end()
    {
        await Fault("contacts/batch/read", "timeout");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Crm.WriteAsync([Of(Contact("ada@nordwind.test"))], Log, stop.Token));

        Assert.Equal((null, "unknown"), (Assert.Single(Log.All).Status, Log.All[0].Outcome));
    }
}
