using System.Net;
using System.Text;
using CrmGrains.IntegrationTests.EndToEnd;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>What the gateway refuses: with a problem document, a metric, and nothing stored.</summary>
public sealed class BadRequestTests(GatewayFixture gateway) : IClassFixture<GatewayFixture>
{
    private const int Limit = 1024 * 1024;

    private Sender Sender => gateway.Installation.Sender;

    public static TheoryData<string, byte[]> BadBodies => new()
    {
        { "empty_body", [] },
        { "empty_body", " \n"u8.ToArray() },
        { "not_json", "{\"a\":"u8.ToArray() },
        { "not_json", "a=1&b=2"u8.ToArray() },
        { "not_json", "{\"a\":1} {}"u8.ToArray() },
        { "not_json", "{\"a\":NaN}"u8.ToArray() },
        { "too_deep", Encoding.ASCII.GetBytes(new string('[', 65) + new string(']', 65)) },
        { "too_deep", Encoding.ASCII.GetBytes(new string('[', 500_000)) },
        { "duplicate_key", "{\"a\":{\"b\":1,\"b\":2}}"u8.ToArray() },
        { "duplicate_key", """{"a":1,"\u0061":2}"""u8.ToArray() },
        { "nul_character", """{"a":"\u0000"}"""u8.ToArray() },
        { "nul_character", "{\"a\":\"\0\"}"u8.ToArray() },
        { "invalid_unicode", """{"a":"\ud800"}"""u8.ToArray() },
        { "invalid_utf8", [(byte)'"', 0xC3, 0x28, (byte)'"'] },
        { "number_out_of_range", "{\"a\":1e999}"u8.ToArray() },
        { "number_out_of_range", Encoding.ASCII.GetBytes($"{{\"a\":{new string('9', 400)}}}") },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_that_cannot_be_read_is_a_400(string code, byte[] body)
    {
        foreach (var source in (string[])["diagnostic", "generic", "stripe"])
        {
            var post = new Post(source, $"msg_{Guid.NewGuid():N}", body);
            await IsRefusedAsync(source, 400, code, () => Sender.TryAsync(post));
        }
    }

    [Fact]
    public async Task A_delivery_that_somebody_else_signed_is_a_401()
    {
        await IsRefusedAsync("diagnostic", 401, "wrong_signature", () => Sender.TryAsync(A.Lead, Secret.NewDiagnostic));
        await IsRefusedAsync("stripe", 401, "wrong_signature", () => Sender.TryAsync(A.InvoicePaid, "whsec_other"));
        await IsRefusedAsync("generic", 401, "wrong_signature", () => Sender.TryAsync(A.GenericLead, "another-secret"));
    }

    [Fact]
    public async Task A_body_that_was_changed_on_the_way_is_a_401()
    {
        var headers = Sender.Sign(A.Lead);

        await IsRefusedAsync("diagnostic", 401, "wrong_signature", () => Sender.TryAsync(A.Lead with { Body = [.. A.Lead.Body, (byte)' '] }, headers));
    }

    [Fact]
    public async Task A_signature_of_another_time_is_a_401()
    {
        await IsRefusedAsync("diagnostic", 401, "stale_timestamp", () => Sender.TryAsync(A.Lead, Sender.Sign(A.Lead, age: TimeSpan.FromMinutes(6))));
        await IsRefusedAsync("stripe", 401, "stale_timestamp", () => Sender.TryAsync(A.InvoicePaid, Sender.Sign(A.InvoicePaid, age: TimeSpan.FromMinutes(6))));
        await IsRefusedAsync("diagnostic", 401, "early_timestamp", () => Sender.TryAsync(A.Lead, Sender.Sign(A.Lead, age: TimeSpan.FromMinutes(-6))));
    }

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    public async Task A_delivery_without_one_of_its_headers_is_a_401(string missing)
    {
        var headers = Sender.Sign(A.Lead).Where(header => header.Key != missing).ToDictionary();

        await IsRefusedAsync("diagnostic", 401, "missing_header", () => Sender.TryAsync(A.Lead, headers));
    }

    [Fact]
    public async Task A_source_or_workspace_that_nobody_configured_is_a_404()
    {
        var headers = Sender.Sign(A.Lead);

        await IsRefusedAsync("unknown", 404, "unknown_source", () => Sender.TryAsync(A.Lead with { Source = "nothing" }, headers));
        await IsRefusedAsync("unknown", 404, "unknown_source", () => Sender.TryAsync(A.Lead, headers, workspace: "nobody"));
        await IsRefusedAsync("unknown", 404, "unknown_source", () => Sender.TryAsync(A.Lead with { Source = "%20%0A" }, headers));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_a_413_and_one_at_the_limit_is_read()
    {
        var large = new Post("diagnostic", "msg_large", new byte[Limit + 1]);
        await IsRefusedAsync("diagnostic", 413, "too_large", () => Sender.TryAsync(large));
        await IsRefusedAsync("diagnostic", 413, "too_large", () => SendChunkedAsync(large));
        await IsRefusedAsync("diagnostic", 400, "not_json", () => Sender.TryAsync(new Post(
            "diagnostic", "msg_full", [.. Enumerable.Repeat((byte)'1', Limit)])), orElse: "number_out_of_range");
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Another_method_is_a_405(string method)
    {
        var reply = await gateway.Installation.Api.SendAsync(new HttpMethod(method), "/v1/hooks/demo/diagnostic");

        Assert.Equal((HttpStatusCode.MethodNotAllowed, "application/problem+json", "method_not_allowed"), (reply.Status, reply.ContentType, reply.Code));
    }

    private async Task IsRefusedAsync(string source, int status, string code, Func<Task<Reply>> send, string? orElse = null)
    {
        var (stored, answered) = (await gateway.StoredAsync(), await gateway.AnsweredAsync(source, status, code));

        var reply = await send();

        code = reply.Code == orElse && orElse is not null ? orElse : code;
        Assert.Equal((status, "application/problem+json", code), ((int)reply.Status, reply.ContentType, reply.Code));
        Assert.Equal(status, reply.Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(reply.Json.GetProperty("title").GetString() ?? "");
        Assert.NotEmpty(reply.Json.GetProperty("detail").GetString() ?? "");
        Assert.Equal(stored, await gateway.StoredAsync());
        if (orElse is null)
            Assert.Equal(answered + 1, await gateway.AnsweredAsync(source, status, code));
        Assert.Empty(gateway.Installation.Host.Errors());
    }

    private async Task<Reply> SendChunkedAsync(Post post)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.Installation.Host.Url}/v1/hooks/demo/{post.Source}")
        {
            Content = new ByteArrayContent(post.Body), Headers = { TransferEncodingChunked = true },
        };
        foreach (var (name, value) in Sender.Sign(post))
            request.Headers.Add(name, value);
        using var response = await http.SendAsync(request);
        return await Reply.OfAsync(response);
    }
}
