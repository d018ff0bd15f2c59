using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;
using CrmGrains.Host.Configuration.Reading;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Configuration;

public sealed class TextTemplateTests
{
    private static readonly Dictionary<string, FieldValue> Facts = new()
    {
        ["customer.full_name"] = new FieldValue.Text("Ann <b>{{x}}</b> & Co"),
        ["consent"] = new FieldValue.Flag(false),
        ["invoice.amount"] = new FieldValue.Number(12.50m),
        ["data.items"] = new FieldValue.Many(["one", "two"]),
    };

    [Theory]
    [InlineData("no tag { } at all", "no tag { } at all")]
    [InlineData("Hello {{customer.full_name}}!", "Hello Ann <b>{{x}}</b> & Co!")]
    [InlineData("{{ invoice.amount }} {{consent}}", "12.50 false")]
    [InlineData("{{#if customer.full_name}}yes{{else}}no{{/if}} {{#if data.none}}yes{{else}}no{{/if}} {{#if consent}}yes{{else}}no{{/if}}", "yes no no")]
    [InlineData("{{#unless data.none}}none{{/unless}}", "none")]
    [InlineData("{{#each data.items}}[{{this}} for {{invoice.amount}}]{{/each}}{{#each data.none}}x{{else}}nothing{{/each}}", "[one for 12.50][two for 12.50]nothing")]
    [InlineData("{{#each data.items}}\n- {{this}}\n{{/each}}\nend", "- one\n- two\nend")]
    public void A_text_is_filled_with_facts_as_they_are(string source, string expected)
    {
        var filled = Read(source).Fill(Facts);

        Assert.Equal((expected, 0), (filled.Text, filled.Missing.Count));
    }

    [Fact]
    public void A_missing_fact_is_named_and_leaves_a_mark_but_only_where_it_would_have_been_shown()
    {
        var filled = Read("{{data.a}} {{#if data.b}}{{data.b}}{{/if}} {{data.a}} {{invoice.amount}}").Fill(Facts);

        Assert.Equal(["data.a"], filled.Missing);
        Assert.Equal("[missing: data.a]  [missing: data.a] 12.50", filled.Text);
        Assert.True(FilledText.HasGap(filled.Text));
    }

    [Fact]
    public void Neither_a_value_nor_a_text_grows_without_bound()
    {
        var long100k = new Dictionary<string, FieldValue>
        {
            ["data.text"] = new FieldValue.Text(new string('x', 100_000)), ["data.items"] = new FieldValue.Many([.. Enumerable.Repeat(new string('y', 5_000), 5_000)]),
        };

        Assert.InRange(Read("{{data.text}}").Fill(long100k).Text.Length, 1_000, 2_001);
        Assert.InRange(Read("{{#each data.items}}{{this}}{{/each}}{{data.items}}").Fill(long100k).Text.Length, 5_000, 10_001);
    }

    [Theory]
    [InlineData("{{{customer.full_name}}}")]
    [InlineData("{{> partial}}")]
    [InlineData("{{lookup data 'x'}}")]
    [InlineData("{{log consent}}")]
    [InlineData("{{@root}}")]
    [InlineData("{{../consent}}")]
    [InlineData("{{this}}")]
    [InlineData("{{else}}")]
    [InlineData("{{/if}}")]
    [InlineData("{{#if consent}}")]
    [InlineData("{{#if consent}}{{/each}}")]
    [InlineData("{{#if consent}}a{{else}}b{{else}}c{{/if}}")]
    [InlineData("{{#with consent}}{{/with}}")]
    [InlineData("{{#if (lookup this 'x')}}{{/if}}")]
    [InlineData("{{!-- comment --}}")]
    [InlineData("{{consent")]
    [InlineData("\\{{consent}}")]
    [InlineData("{{[consent]}}")]
    [InlineData("{{unknown.name}}")]
    [InlineData("{{#if consent}}{{#if consent}}{{#if consent}}{{#if consent}}{{#if consent}}{{#if consent}}x{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}")]
    public void What_could_do_more_than_show_a_fact_is_refused(string source)
    {
        Assert.Null(TextTemplate.Read(source, name => Facts.ContainsKey(name), out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public void Whatever_is_written_is_either_refused_or_can_be_filled() => Prop.ForAll(
        Gen.Elements("{{", "}}", "{{consent}}", "{{data.items}}", "{{#each data.items}}", "{{/each}}", "{{#if consent}}", "{{else}}", "{{/if}}", "{", "}", "\\", "\n", " a ", "{{this}}", "~", "[", "]")
            .ArrayOf().Select(string.Concat).ToArbitrary(),
        source => TextTemplate.Read(source, name => Facts.ContainsKey(name), out var fault) is { } template
            ? template.Fill(Facts).Text.Length <= 10_001
            : fault is not null).QuickCheckThrowOnFailure();

    private static TextTemplate Read(string source)
    {
        var template = TextTemplate.Read(source, _ => true, out var fault);
        Assert.Null(fault);
        return Assert.IsType<TextTemplate>(template);
    }
}
