using CrmGrains.Host.Configuration;

namespace CrmGrains.Tests.Configuration;

public sealed class ConfigurationDiffTests
{
    public static TheoryData<string, string, string> Changes { get; } = new()
    {
        { "{field: score, op: gte, value: 80}", "{field: score, op: gte, value: 70}", "leads with a score of 70 or more now go to priority (before: 80)" },
        { "{field: score, op: gte, value: 50}", "{field: score, op: gt, value: 50}", "qualification.qualified.when.op: gte → gt" },
        { "{field: score, op: gte, value: 50}", "{field: score, op: gte, value: 40}", "leads with a score of 40 or more are now qualified (before: 50)" },
        { "    rank: 30\n", "    rank: 20\n", "source stripe, rank: 30 → 20" },
        { "      points: 30\n", "      points: 25\n", "the rule large_budget now gives 25 points (before: 30)" },
        { "[env:STRIPE_SECRET]", "[env:OTHER_SECRET]", "source stripe, verification.secrets: changed (not shown)" },
        { "  token: env:HUBSPOT_TOKEN\n", "  token: env:OTHER\n", "crm.token: changed (not shown)" },
        { "    move_from: [audit_new]\n", "    move_from: [audit_new, audit_old]\n", "pipeline automation_audit, move_from: [audit_new] → [audit_new, audit_old]" },
        { "  payment_trouble:\n    on", "  unpaid_invoice:\n    on", "playbook unpaid_invoice added|playbook payment_trouble removed" },
        { "    secret: env:PARTNER_SECRET", "    secret: env:OTHER_SECRET", "channel partner, secret: changed (not shown)" },
        { "    max_per_week: 2\n", "    max_per_week: 1\n", "sequence unpaid, max_per_week: 2 → 1" },
        { "  account_manager: account.manager@crmgrains.test\n", "  account_manager: someone@crmgrains.test\n", "role account_manager: account.manager@crmgrains.test → someone@crmgrains.test" },
        { "  raw: 90d\n", "", "retention.raw removed (before: 90d)" },
        { "require_consent: true", "require_consent: true # as the law has it", "" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_is_said_in_words_and_a_secret_never(string part, string replacement, string said) =>
        Assert.Equal(said, string.Join('|', ConfigurationDiff.Of(Demo.Text, Demo.With(part, replacement))));

    [Fact]
    public void A_source_that_is_new_is_one_line_and_so_is_one_that_is_gone()
    {
        var without = Demo.Text.Remove(Demo.Text.IndexOf("  tally:\n", StringComparison.Ordinal), Demo.Text.IndexOf("  webflow:\n", StringComparison.Ordinal) - Demo.Text.IndexOf("  tally:\n", StringComparison.Ordinal));

        Assert.Equal(["source tally added"], ConfigurationDiff.Of(without, Demo.Text));
        Assert.Equal(["source tally removed"], ConfigurationDiff.Of(Demo.Text, without));
    }
}
