using System.Text;
using CrmGrains.Host.Gateway;
using Microsoft.AspNetCore.Http;

namespace CrmGrains.Tests.Gateway;

public sealed class KeptHeadersTests
{
    [Fact]
    public void Each_delivery_has_its_own_headers_and_none_of_the_one_before()
    {
        var first = KeptHeaders.Of(new HeaderDictionary { ["X-One"] = new string('1', 2_000), ["Authorization"] = "Bearer secret" }, null);
        var second = KeptHeaders.Of(new HeaderDictionary { ["X-Two"] = "2", ["X-Key"] = "secret", ["Host"] = "h" }, "X-Key");

        Assert.Equal($"{{\"x-one\":\"{new string('1', 2_000)}\"}}", Encoding.UTF8.GetString(first));
        Assert.Equal("""{"x-two":"2"}""", Encoding.UTF8.GetString(second));
        Assert.Equal("{}", Encoding.UTF8.GetString(KeptHeaders.Of(new HeaderDictionary(), null)));
    }
}
