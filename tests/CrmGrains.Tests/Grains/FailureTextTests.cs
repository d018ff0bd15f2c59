using System.Text.Json;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Tests.Grains;

public sealed class FailureTextTests
{
    [Fact]
    public void A_payload_that_an_exception_quotes_is_not_repeated()
    {
        var exception = Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<int>("\"elena@example.com\""));

        Assert.DoesNotContain("elena", FailureText.Of(exception), StringComparison.Ordinal);
        Assert.Contains("JsonException", FailureText.Of(exception), StringComparison.Ordinal);
    }
}
