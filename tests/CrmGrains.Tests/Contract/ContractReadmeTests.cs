using System.Globalization;
using System.Text;
using CrmGrains.Core.Contract;

namespace CrmGrains.Tests.Contract;

public sealed class ContractReadmeTests
{
    private const string Begin = "<!-- the table: written by ContractReadmeTests -->\n";

    /// <summary>To write the table anew, run this test with <c>WRITE_README=1</c>.</summary>
    [Fact]
    public void The_readme_has_the_table_of_types_and_fields()
    {
        var path = Path.Combine(Root(), "src", "CrmGrains.Core", "Contract", "README.md");
        var text = File.ReadAllText(path);
        var expected = text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + Table();
        if (Environment.GetEnvironmentVariable("WRITE_README") == "1")
            File.WriteAllText(path, expected);

        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string Table()
    {
        var text = new StringBuilder("\n## Fields of every event\n\n");
        Fields(text, CommonField.All.Select(field => (field.Path, field.Schema)));
        foreach (var schema in EventSchemas.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {schema.Type}, version {schema.Version}\n\n{schema.About}\n");
            if (schema.Fields.Count > 0)
            {
                text.Append('\n');
                Fields(text, schema.Fields.Select(field => ($"data.{field.Name}", field)));
            }
        }

        return text.ToString();
    }

    private static void Fields(StringBuilder text, IEnumerable<(string Path, FieldSchema Schema)> fields)
    {
        text.Append("| field | kind | needed | what it is |\n|---|---|---|---|\n");
        foreach (var (path, schema) in fields)
            text.Append(CultureInfo.InvariantCulture, $"| `{path}` | {KindOf(schema)} | {(schema.IsRequired ? "yes" : "")} | {schema.About} |\n");
    }

    private static string KindOf(FieldSchema schema) => schema.Kind switch
    {
        FieldKind.Word => string.Join(", ", schema.Words),
        FieldKind.Names => string.Create(CultureInfo.InvariantCulture, $"names, {schema.MaxItems} of {schema.MaxLength}"),
        FieldKind.Line or FieldKind.Lines => string.Create(CultureInfo.InvariantCulture, $"{FieldKinds.NameOf(schema.Kind)}, {schema.MaxLength}"),
        _ => FieldKinds.NameOf(schema.Kind),
    };

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CrmGrains.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests don't run inside the repository.");
    }
}
