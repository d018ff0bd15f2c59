using System.Globalization;
using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.IntegrationTests.EndToEnd;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>Makes requests from a seed: the same number is the same request, but for its signature's time.</summary>
internal sealed class FuzzedRequests(FuzzedSources sources, int seed)
{
    private static readonly string[] Methods = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "post", "M-SEARCH", "A"];

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-16", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=latin1",
        "multipart/form-data", "multipart/form-data; boundary=a", "multipart/form-data; boundary=\"", "text/plain", "text/xml", "application/octet-stream",
        "/", ";", "a/b; c", "application/json, text/plain", "",
    ];

    private static readonly string[] Odd =
    [
        "%00", "%FF", "%20%0A", "..", "%2e%2e", "%2F", "'", "\"", "%F0%9F%92%A5", "-1", "0", "9223372036854775808", "1e9", "null", "%25", "a", "%C3%28",
        "00000000-0000-0000-0000-000000000000", "%ED%A0%80",
    ];

    private static readonly string[] Asked =
    [
        "/v1/events/{0}", "/v1/events/{0}/explain", "/v1/customers?email={0}", "/v1/customers?phone={0}", "/v1/customers?workspace={0}&email={0}",
        "/v1/customers/{0}", "/v1/reviews?after={0}&limit={0}", "/v1/reviews?workspace={0}&reason={0}", "/v1/ledger?after={0}&limit={0}",
        "/v1/dead-letters?after={0}&limit={0}", "/v1/replays/{0}", "/v1/replays?limit={0}&before={0}", "/v1/drift?after={0}&limit={0}", "/v1/contract/{0}",
        "/openapi/{0}.json", "/v1/{0}", "/{0}", "/metrics?{0}", "/healthz?{0}", "/v1/hooks/{0}", "/v1/hooks/demo/{0}", "/v1/hooks/{0}/diagnostic",
    ];

    public FuzzedRequest Make(int number)
    {
        var random = new Random(HashCode.Combine(seed, number) ^ number);
        return random.Next(20) switch
        {
            < 10 => Delivery(random),
            < 14 => Misdelivery(random),
            < 16 => Question(random),
            _ => FuzzedBytes.Break(random, random.Next(3) == 0 ? Misdelivery(random) : Delivery(random)),
        };
    }

    // A vendor's delivery, mostly genuine.
    private FuzzedRequest Delivery(Random random)
    {
        var source = Any(random, sources.All);
        var sample = Any(random, FuzzedSources.Samples(source));
        return Posted(random, source, FuzzedBody.Changed(random, sample.Body()), sample.Headers().Select(header => (header.Key, header.Value)));
    }

    // To where it doesn't belong, or with what nobody sends.
    private FuzzedRequest Misdelivery(Random random)
    {
        var source = Any(random, sources.All);
        var posted = Posted(random, source, FuzzedBody.Odd(random), [("Content-Type", Any(random, ContentTypes))]);
        var request = posted with { Headers = [.. posted.Headers, .. Extra(random)], IsChunked = random.Next(4) == 0 };
        return random.Next(4) switch
        {
            0 => request with { Method = Any(random, Methods), Source = null },
            1 => request with { Target = $"{request.Target}{(random.Next(2) == 0 ? "?" : "/")}{Any(random, Odd)}={Any(random, Odd)}", Source = null, IsGenuine = null },
            _ => request,
        };
    }

    // What the API is asked, by somebody who may.
    private static FuzzedRequest Question(Random random) => new(
        random.Next(5) == 0 ? Any(random, Methods) : "GET", string.Format(CultureInfo.InvariantCulture, Any(random, Asked), Any(random, Odd)),
        [("Authorization", $"Bearer {Secret.ApiKey}"), .. Extra(random)], random.Next(5) == 0 ? FuzzedBody.Odd(random) : []);

    private FuzzedRequest Posted(Random random, SourceConfiguration source, byte[] body, IEnumerable<(string Name, string Value)> headers)
    {
        bool? isGenuine = random.Next(10) switch { 0 => false, 1 => null, _ => true };
        var signed = isGenuine is { } genuine
            ? sources.Sign(source, body, genuine, $"fuzz_{random.NextInt64():x}").Select(header => (header.Key, header.Value))
            : [];
        return new("POST", $"/v1/hooks/demo/{source.Name}", [.. headers, .. signed], body)
        {
            Source = source.Name, IsGenuine = isGenuine ?? false, IsMail = source.Format is "postmark" or "sendgrid",
        };
    }

    private static IEnumerable<(string Name, string Value)> Extra(Random random) => Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(9) switch
    {
        0 => ("Content-Encoding", Any(random, "gzip", "br", "identity", "x")),
        1 => ("Accept", Any(random, "*/*", "text/html", "", ";;;")),
        2 => ("X-Forwarded-For", new string('1', random.Next(3_000))),
        3 => ("X-Odd", Any(random, "é💥", "\t", "a,b;c=\"", "=?utf-8?q?=00?=")),
        4 => ("Cookie", string.Join("; ", Enumerable.Range(0, random.Next(50)).Select(number => $"a{number}={number}"))),
        5 => ("Expect", Any(random, "100-continue", "200-ok")),
        6 => ("Range", "bytes=0-1,-5,9-"),
        7 => ("If-None-Match", "*"),
        _ => ($"X-{random.Next()}", Encoding.ASCII.GetString(Enumerable.Range(0, 20).Select(_ => (byte)random.Next(33, 126)).ToArray())),
    });

    private static T Any<T>(Random random, params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
