using CrmGrains.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class CleanTextTests
{
    [Theory]
    [InlineData("one line", "one line")]
    [InlineData("  in  the\tmiddle \r\n of ", "in the middle of")]
    [InlineData("a b ", "a b")]
    [InlineData(" a", "a")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("a\u0000b", "a b")]
    [InlineData(" \n ", null)]
    [InlineData("", null)]
    public void A_text_becomes_one_line(string text, string? line) => Assert.Equal(line, CleanText.OneLine(text));

    [Fact]
    public void Any_text_becomes_its_words_with_single_blanks_and_stays_so() => Prop.ForAll<string?>(text =>
    {
        var words = string.Concat((text ?? "").Select(letter => char.IsControl(letter) ? ' ' : letter)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var line = CleanText.OneLine(text);

        Assert.Equal(words.Length == 0 ? null : string.Join(' ', words), line);
        Assert.Equal(line, CleanText.OneLine(line));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void A_text_that_is_one_line_already_is_not_copied()
    {
        var text = new string("Customer Number 7");

        Assert.Same(text, CleanText.OneLine(text));
    }
}
