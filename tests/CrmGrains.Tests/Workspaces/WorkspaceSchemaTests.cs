using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Configuration.Reading;
using CrmGrains.Host.Configuration.Schema;
using Newtonsoft.Json.Linq;
using NJsonSchema;

namespace CrmGrains.Tests.Configuration;

public sealed class WorkspaceSchemaTests
{
    private const string Stray = "zzz";

    [Fact]
    public void The_committed_copy_is_current()
    {
        if (Environment.GetEnvironmentVariable("WRITE_SCHEMA") == "1")
            File.WriteAllText(PathOf(), WorkspaceSchema.Text);
        Assert.Equal(WorkspaceSchema.Text, File.ReadAllText(PathOf()));
    }

    [Fact]
    public async Task The_demo_file_is_valid_by_the_schema_and_names_it()
    {
        var schema = await JsonSchema.FromJsonAsync(ForOldDrafts(WorkspaceSchema.Text));

        Assert.Empty(schema.Validate(Json(Demo.Text)));
        Assert.StartsWith("# yaml-language-server: $schema=workspace.schema.json\n", Demo.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("    rank: 20\n", "    rank: twenty\n")]
    [InlineData("    rank: 20\n", "    rang: 20\n")]
    [InlineData("      scheme: hmac\n", "      scheme: hmaq\n")]
    [InlineData("{field: phone, op: exists}", "{field: phone, op: is}")]
    [InlineData("  token: env:HUBSPOT_TOKEN\n", "")]
    public async Task What_the_readers_refuse_by_its_form_the_schema_refuses_too(string part, string replacement)
    {
        var schema = await JsonSchema.FromJsonAsync(ForOldDrafts(WorkspaceSchema.Text));
        var text = Demo.With(part, replacement);

        Assert.NotEmpty(Demo.Faults(text));
        Assert.NotEmpty(schema.Validate(Json(text)));
    }

    /// <summary>A file with everything that the schema has, and a key beside it everywhere: whoever reads says which keys it knows.</summary>
    [Fact]
    public void The_readers_know_the_keys_of_the_schema_and_no_others()
    {
        var expected = new Dictionary<string, string>();
        var text = new StringBuilder();
        Write(WorkspaceSchema.Root, "", 0, text, expected);

        var faults = WorkspaceFile.Parse("demo.yaml", text.ToString()).Faults;

        var known = faults.Where(fault => fault.Message.StartsWith("The key is unknown here.", StringComparison.Ordinal)).ToDictionary(
            fault => fault.Path[..^Stray.Length].TrimEnd('.'), fault => Sorted(fault.Message["The key is unknown here. Known are ".Length..^1]));
        Assert.Equal(expected.OrderBy(each => each.Key, StringComparer.Ordinal), known.OrderBy(each => each.Key, StringComparer.Ordinal));
    }

    private static void Write(Shape shape, string path, int depth, StringBuilder text, Dictionary<string, string> expected)
    {
        var indent = new string(' ', depth);
        switch (shape)
        {
            case Shape.Keys keys:
                text.Append('\n');
                expected[path] = Sorted(string.Join(", ", keys.Required.Keys.Concat(keys.Optional.Keys)));
                foreach (var (key, value) in keys.Required.Concat(keys.Optional))
                {
                    text.Append($"{indent}{key}:");
                    Write(value, path.Length == 0 ? key : $"{path}.{key}", depth + 2, text, expected);
                }

                text.Append($"{indent}{Stray}: 1\n");
                break;
            case Shape.MapOf { Value: Shape.Either { Shapes: [Shape.Keys, ..] either } }:
                text.Append('\n');
                for (var i = 0; i < either.Count; i++)
                {
                    text.Append($"{indent}one{i}:");
                    Write(either[i], $"{path}.one{i}", depth + 2, text, expected);
                }

                break;
            case Shape.MapOf map:
                text.Append($"\n{indent}one:");
                Write(map.Value, $"{path}.one", depth + 2, text, expected);
                break;
            case Shape.ListOf { Item: Shape.Keys } list:
                text.Append($"\n{indent}-");
                Write(list.Item, $"{path}[0]", depth + 2, text, expected);
                break;
            case Shape.ListOf:
                text.Append(" []\n");
                break;
            case Shape.Either { Shapes: [.., Shape.Keys keyed] }:
                Write(keyed, path, depth, text, expected);
                break;
            case Shape.Defined:
                text.Append(" always\n");
                break;
            case Shape.Choice choice:
                text.Append($" {choice.Words[0]}\n");
                break;
            default:
                text.Append(" 1\n");
                break;
        }
    }

    private static string Sorted(string words) => string.Join(' ', words.Replace(" and ", ", ", StringComparison.Ordinal).Split(", ").Order(StringComparer.Ordinal));

    // The validator knows drafts up to 7, which call it otherwise.
    private static string ForOldDrafts(string schema) => schema.Replace("$defs", "definitions", StringComparison.Ordinal);

    private static string Json(string yaml) =>
        ToJson(YamlTree.Read(yaml, new FaultList("demo.yaml")) ?? throw new InvalidDataException("The file can't be read.")).ToString();

    private static JToken ToJson(YamlNode node) => node switch
    {
        YamlNode.Map map => new JObject(map.Entries.Select(entry => new JProperty(entry.Key, ToJson(entry.Value)))),
        YamlNode.List list => new JArray(list.Items.Select(ToJson)),
        YamlNode.Scalar { IsPlain: true, Text: "true" or "false" } flag => flag.Text == "true",
        YamlNode.Scalar { IsPlain: true } number when long.TryParse(number.Text, out var whole) => whole,
        YamlNode.Scalar { IsPlain: true } number when decimal.TryParse(number.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) => part,
        YamlNode.Scalar text => text.Text,
        _ => throw new InvalidDataException("That is no value."),
    };

    private static string PathOf([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here) ?? "", "..", "..", "..", "deploy", "workspaces", "workspace.schema.json");
}
