using System.Text;
using System.Text.RegularExpressions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;
using HandlebarsDotNet;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>
/// A text in Handlebars, of which four things are allowed: <c>{{name}}</c>, <c>{{#if name}}</c>, <c>{{#unless name}}</c> and
/// <c>{{#each name}}</c>. No partials, no other helpers: nothing in it can do more than show a fact. Nothing is escaped, as what is written is
/// plain text; whoever puts it into something else escapes it there.
/// </summary>
internal sealed partial class TextTemplate : ITextTemplate
{
    private const int MostInValue = 2_000;
    private const int MostItems = 100;
    private const int MostInText = 10_000;
    private const int DeepestBlock = 5;

    // Blocks ask for a fact as it is; elsewhere stands its text, or the mark for a gap.
    private const string AsItIs = "?";

    // What is allowed was checked when the file was read; compiling takes milliseconds, and not every text is ever filled.
    private readonly Lazy<HandlebarsTemplate<object, object>> _compiled;
    private readonly FilledText? _constant;

    private TextTemplate(string source, IReadOnlyList<string> names)
    {
        Names = names;
        _constant = names.Count == 0 ? new FilledText(source.Trim(), []) : null;
        _compiled = new(() => Handlebars.Create(new HandlebarsConfiguration { NoEscape = true }).Compile(source));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; }

    /// <inheritdoc/>
    public FilledText Fill(IReadOnlyDictionary<string, FieldValue> facts)
    {
        if (_constant is not null)
            return _constant;
        var values = new Dictionary<string, object>(Names.Count * 2, StringComparer.Ordinal);
        foreach (var name in Names)
        {
            var value = facts.GetValueOrDefault(name);
            values[name] = value is null ? FilledText.Gap(name) : Clipped(value.ToString(), MostInValue);
            values[AsItIs + name] = value switch
            {
                null => false,
                FieldValue.Flag flag => flag.Value,
                FieldValue.Number number => number.Value,
                FieldValue.Many many => many.Values.Take(MostItems).Select(item => Clipped(item, MostInValue)).ToList(),
                _ => value.ToString(),
            };
        }

        var text = Clipped(_compiled.Value(values), MostInText).Trim();
        return new FilledText(text, FilledText.HasGap(text) ? [.. Names.Where(name => text.Contains(FilledText.Gap(name), StringComparison.Ordinal))] : []);
    }

    /// <summary>Reads a template.</summary>
    /// <param name="text">What the file says.</param>
    /// <param name="isKnown">Whether there is a fact of this name.</param>
    /// <param name="fault">What is wrong with it, and what to do, as a predicate; null where nothing is.</param>
    /// <returns>Null where something is wrong.</returns>
    public static TextTemplate? Read(string text, Func<string, bool> isKnown, out string? fault)
    {
        var (source, names, blocks) = (new StringBuilder(), new List<string>(), new Stack<Block>());
        fault = null;
        for (var at = 0; at < text.Length;)
        {
            var begin = text.IndexOf("{{", at, StringComparison.Ordinal);
            if (begin < 0)
            {
                source.Append(text, at, text.Length - at);
                break;
            }

            var end = text.IndexOf("}}", begin, StringComparison.Ordinal);
            fault = end < 0 ? "has `{{` without its `}}`"
                : end + 2 < text.Length && text[end + 2] == '}' ? "has a `}` right after `}}`. Put something between them"
                : begin > 0 && text[begin - 1] == '\\' ? "has a `\\` before `{{`. Leave it out"
                : Tag(text[(begin + 2)..end].Trim(), isKnown, source.Append(text, at, begin - at), names, blocks);
            if (fault is not null)
                return null;
            at = end + 2;
        }

        if (blocks.TryPeek(out var open))
            fault = $"has `{{{{#{open.Kind}}}}}` without `{{{{/{open.Kind}}}}}`";
        return fault is null ? new TextTemplate(source.ToString(), [.. names.Distinct(StringComparer.Ordinal)]) : null;
    }

    private static string? Tag(string tag, Func<string, bool> isKnown, StringBuilder source, List<string> names, Stack<Block> blocks)
    {
        if (tag == "else" && blocks.Count > 0)
        {
            if (blocks.Peek().HasElse)
                return $"has a second `{{{{else}}}}` in one `{{{{#{blocks.Peek().Kind}}}}}`. Leave one";
            blocks.Push(blocks.Pop() with { HasElse = true });
            source.Append("{{else}}");
            return null;
        }

        if (tag == "this" && blocks.Any(block => block.Kind == "each"))
        {
            source.Append("{{this}}");
            return null;
        }

        if (tag is ['/', .. var closed] && blocks.TryPeek(out var open) && open.Kind == closed)
        {
            blocks.Pop();
            source.Append("{{/").Append(closed).Append("}}");
            return null;
        }

        var (block, name) = BlockPattern().Match(tag) is { Success: true } match ? (match.Groups["block"].Value, match.Groups["name"].Value) : (null, tag);
        if (!NamePattern().IsMatch(name))
            return $"has `{{{{{Value.Clipped(tag)}}}}}`, which isn't allowed. There are `{{{{name}}}}`, `{{{{#if name}}}}`, `{{{{#unless name}}}}` and `{{{{#each name}}}}`, "
                + "each block with its end, and `{{else}}` and, within `each`, `{{this}}` in them";
        if (!isKnown(name))
            return $"asks for `{Value.Clipped(name)}`, which there isn't. There are the facts of events, `data.` and a field of the event's data, and `customer.` and a field";
        if (block is not null && blocks.Count == DeepestBlock)
            return $"has blocks more than {DeepestBlock} deep. Make it simpler";
        names.Add(name);
        if (block is null)
        {
            source.Append("{{@root.[").Append(name).Append("]}}");
            return null;
        }

        blocks.Push(new(block, HasElse: false));
        source.Append("{{#").Append(block).Append(" @root.[").Append(AsItIs + name).Append("]}}");
        return null;
    }

    private static string Clipped(string text, int most) =>
        text.Length <= most ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)}…";

    private readonly record struct Block(string Kind, bool HasElse);

    [GeneratedRegex("^#(?<block>if|unless|each) +(?<name>\\S+)\\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex BlockPattern();

    [GeneratedRegex("^[a-z][A-Za-z0-9_.-]{0,199}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
