using System.Text.Json;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class PayloadPathTests
{
    private const string Json = """{"a":{"b":[{"c":"deep"},null,7],"0":"zero"},"":{"":1},"n":null}""";

    [Theory]
    [InlineData("a.b.0.c", "\"deep\"")]
    [InlineData("a.b.2", "7")]
    [InlineData("a.0", "\"zero\"")]
    [InlineData(".", "1")]
    [InlineData("a.b.1", null)]
    [InlineData("n", null)]
    [InlineData("n.x", null)]
    [InlineData("a.b.3", null)]
    [InlineData("a.b.-1", null)]
    [InlineData("a.b.99999999999", null)]
    [InlineData("a.b.c", null)]
    [InlineData("a.b.0.c.d", null)]
    [InlineData("A", null)]
    public void A_path_leads_to_a_value_or_to_nothing(string path, string? expected)
    {
        using var document = JsonDocument.Parse(Json);
        Assert.Equal(expected, PayloadPath.Find(document.RootElement, path)?.GetRawText());
    }
}
