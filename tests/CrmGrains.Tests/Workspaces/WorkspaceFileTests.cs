using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Host.Configuration;

namespace CrmGrains.Tests.Configuration;

public sealed class WorkspaceFileTests
{
    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("# nothing but a comment\n", "The file is empty")]
    [InlineData("just a text", "It must be keys with values")]
    [InlineData("a: [1", "This isn't YAML that can be read")]
    [InlineData("a: [1\nb: 2", "isn't YAML that can be read. Look for a bracket")]
    [InlineData("workspace: demo\nsources: {}\n---\nworkspace: other\n", "A second document begins here")]
    public void What_is_no_workspace_file_at_all_is_a_fault(string text, string expected) =>
        Assert.Contains(expected, Demo.Faults(text)[0].Message, StringComparison.Ordinal);

    [Fact]
    public void The_smallest_workspace_is_a_name_and_a_source()
    {
        var workspace = Demo.Valid("""
            workspace: demo
            sources:
              stripe: {format: stripe, system: stripe, verification: {scheme: stripe, secrets: ["file:/run/secrets/stripe"]}}
            """);

        Assert.Null(workspace.Crm);
        Assert.True(workspace.Leads.RequireConsent);
        Assert.Null(workspace.Sources["stripe"].Verification.Tolerance);
    }

    [Fact]
    public void Conditions_nest()
    {
        var workspace = Demo.Valid(Demo.With(
            "points: 8\n      when: {field: phone, op: exists}",
            "points: 8\n      when: {any: [{not: {field: email_domain, op: in, value: [gmail.com, gmx.de]}}, {all: [{field: lead.detected_stack, op: contains, value: make}]}]}"));

        var rule = workspace.Scoring.Rules.Single(rule => rule.Name == "reachable_by_phone");

        var any = Assert.IsType<Condition.Any>(rule.When);
        var not = Assert.IsType<Condition.Not>(any.Parts[0]);
        var inList = Assert.IsType<Condition.Compare>(not.Part);
        Assert.Equal(new FieldValue.Many(["gmail.com", "gmx.de"]), inList.Value);
        Assert.Single(Assert.IsType<Condition.All>(any.Parts[1]).Parts);
    }

    [Fact]
    public void A_domain_to_match_stands_alone_or_in_a_list()
    {
        FieldValue? Sought(string value) => Assert.IsType<Condition.Compare>(Demo.Valid(Demo.With("{field: phone, op: exists}", $"{{field: email, op: matches_domain, value: {value}}}"))
            .Scoring.Rules.Single(rule => rule.Name == "reachable_by_phone").When).Value;

        Assert.Equal(new FieldValue.Many(["example.com"]), Sought("Example.com"));
        Assert.Equal(new FieldValue.Many(["example.com", "b.test"]), Sought("[example.com, b.test]"));
    }

    [Fact]
    public void Points_may_fade_also_those_that_every_fresh_lead_gets()
    {
        var workspace = Demo.Valid(Demo.With("      points: 8\n      when: {field: phone, op: exists}", "      points: 8\n      fades_in: 30d\n      when: always"));

        Assert.Equal(TimeSpan.FromDays(30), workspace.Scoring.Rules.Single(rule => rule.Name == "reachable_by_phone").FadesIn);
    }

    [Fact]
    public void An_anchor_lets_two_sources_share_their_verification()
    {
        var workspace = Demo.Valid("""
            workspace: demo
            sources:
              one: {format: stripe, system: stripe, verification: &shared {scheme: stripe, secrets: [env:A, env:B]}}
              two: {format: stripe, system: stripe, verification: *shared}
            """);

        Assert.Equal(["env:A", "env:B"], workspace.Sources["two"].Verification.Secrets);
    }

    [Fact]
    public void The_scheme_may_be_left_to_the_format()
    {
        var workspace = Demo.Valid(Demo.With("      scheme: stripe\n", ""));

        Assert.Equal("stripe", workspace.Sources["stripe"].Verification.Scheme);
    }

    [Fact]
    public void A_source_may_be_paused() =>
        Assert.True(Demo.Valid(Demo.With("    rank: 30\n", "    rank: 30\n    paused: true\n")).Sources["stripe"].IsPaused);

    [Fact]
    public void The_hash_is_that_of_the_file()
    {
        var expected = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Demo.Text)));

        Assert.Equal(expected, Demo.Configuration.Hash);
        Assert.NotEqual(expected, Demo.Valid(Demo.Text + "# a comment\n").Hash);
    }

    [Fact]
    public void Aliases_that_multiply_themselves_are_refused_before_they_fill_the_memory()
    {
        var text = new StringBuilder("workspace: demo\nsources:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level < 20; level++)
            text.Append($"  a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");

        var fault = Assert.Single(Demo.Faults(text.ToString()));

        Assert.Contains("more than 50000 values, aliases followed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_aliases_can_not_be_deeper_than_what_is_written_out()
    {
        var text = new StringBuilder("workspace: demo\nsources:\n  a0: &a0 [x]\n");
        for (var level = 1; level < 10_000; level++)
            text.Append($"  a{level}: &a{level} [*a{level - 1}]\n");

        Assert.Contains("more than 32 levels", Assert.Single(Demo.Faults(text.ToString())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Depth_is_bounded(string opening)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 200_000 / opening.Length));

        Assert.Contains("more than 32 levels", Assert.Single(Demo.Faults(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_are_listed_up_to_a_bound_and_the_rest_is_counted()
    {
        var faults = Demo.Faults(Demo.Text + string.Concat(Enumerable.Range(0, 700).Select(i => $"unknown{i}: 1\n")));

        Assert.Equal(501, faults.Count);
        Assert.StartsWith("There are 200 more faults", faults[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_chains_of_domain_aliases_are_followed_so_far_only()
    {
        var aliases = string.Join(", ", Enumerable.Range(0, 20_000).Select(i => $"a{i}.test: a{i + 1}.test"));

        Assert.Equal(501, Demo.Faults(Demo.With("domain_aliases: {}", $"domain_aliases: {{{aliases}}}")).Count);
    }

    [Fact]
    public void Size_is_bounded()
    {
        var text = Demo.Text + "#" + new string('x', WorkspaceFile.MaxBytes);

        Assert.Contains("larger than 1048576 bytes", Assert.Single(Demo.Faults(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_a_fault() =>
        Assert.Contains("isn't UTF-8", Assert.Single(WorkspaceFile.Parse("demo.yaml", [0x61, 0xff, 0xfe]).Faults).Message, StringComparison.Ordinal);
}
