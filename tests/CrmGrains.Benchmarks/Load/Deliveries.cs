using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Benchmarks.Load;

/// <summary>
/// The deliveries of one run, as complete HTTP requests, signed beforehand: about 1 KB of JSON each, of 2,000 customers, and for each ten
/// events one of them once more. Sending one costs the generator a copy to the socket and nothing else.
/// </summary>
internal sealed class Deliveries
{
    public const string Secret = "bench-secret-0123456789abcdef";
    public const string Path = "/v1/hooks/bench/bench";

    private const int Customers = 2_000;
    private const int FreshInARow = 10;
    private const int FarthestRepeat = 500;
    private const int RequestsPerChunk = 1_000;

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Secret);

    private readonly string _prefix;
    private readonly byte[][] _chunks;
    private readonly int _stride;

    /// <summary>Prepares the deliveries.</summary>
    /// <param name="run">Makes their ids differ from those of other runs: 0 to 99.</param>
    /// <param name="sends">Requests, repeats included.</param>
    /// <param name="now">What their instants lie before.</param>
    public Deliveries(int run, int sends, DateTimeOffset now)
    {
        Count = sends;
        Events = EventOf(sends - 1, out _) is var last && IsRepeat(sends - 1) ? EventOf(sends - 2, out _) + 1 : last + 1;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"bench-{run:D2}-");
        _stride = Request(0, now).Length;
        _chunks = new byte[(Events + RequestsPerChunk - 1) / RequestsPerChunk][];
        Parallel.For(0, _chunks.Length, chunk =>
        {
            var bytes = new byte[RequestsPerChunk * _stride];
            for (var i = 0; i < RequestsPerChunk; i++)
            {
                var number = chunk * RequestsPerChunk + i;
                Request(number, now.AddMilliseconds(number - (double)Events)).CopyTo(bytes.AsSpan(i * _stride));
            }

            _chunks[chunk] = bytes;
        });
    }

    /// <summary>Requests, repeats included.</summary>
    public int Count { get; }

    /// <summary>Different events among them.</summary>
    public int Events { get; }

    /// <summary>What the ids of this run's deliveries begin with.</summary>
    public string Prefix => _prefix;

    /// <summary>The bytes of a request.</summary>
    public ReadOnlyMemory<byte> RequestOf(int send)
    {
        var number = EventOf(send, out _);
        return _chunks[number / RequestsPerChunk].AsMemory(number % RequestsPerChunk * _stride, _stride);
    }

    /// <summary>Which event a request delivers, and whether it is the first to do so.</summary>
    public static int EventOf(int send, out bool isFirst)
    {
        var (round, place) = Math.DivRem(send, FreshInARow + 1);
        isFirst = place < FreshInARow;
        return isFirst
            ? round * FreshInARow + place
            : Math.Max(0, round * FreshInARow + FreshInARow - 1 - (int)(send * 7919L % FarthestRepeat));
    }

    /// <summary>The event whose delivery has this id.</summary>
    public int EventOf(string deliveryId) => int.Parse(deliveryId.AsSpan(_prefix.Length), CultureInfo.InvariantCulture);

    private static bool IsRepeat(int send) => send % (FreshInARow + 1) == FreshInARow;

    // Every number has a fixed width, so that all requests are of one length.
    private byte[] Request(int number, DateTimeOffset occurredAt)
    {
        var customer = (int)((number * 2_654_435_761L + 12_345) % Customers);
        var body = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""
            {"id":"{{{_prefix}}}{{{number:D9}}}","type":"custom.bench","occurred_at":"{{{occurredAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}}","contact":{"email":"customer{{{customer:D6}}}@bench.example","name":"Customer Number {{{customer:D6}}}"},"data":{"plan":"growth","seats":{{{100 + number % 900:D3}}},"region":"eu-central","currency":"EUR","amount":{{{1000 + number % 9000:D4}}},"tags":["renewal","annual","self-serve","priority"],"items":[{"sku":"crm-seat-annual","quantity":12,"price":4900},{"sku":"onboarding-pack","quantity":1,"price":25000},{"sku":"support-premium","quantity":1,"price":9900}],"session":{"referrer":"https://www.example.com/pricing?plan=growth","landing_page":"https://www.example.com/features/routing","user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"},"message":"We compared three tools and decided for the annual plan. Please set up the shared inbox, import our 4,000 contacts from the sheet that we sent last week, and tell us when the first call can take place; mornings are best."}}
            """));
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {Path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nX-Signature: {Convert.ToHexStringLower(HMACSHA256.HashData(Key, body))}\r\nContent-Length: {body.Length}\r\n\r\n"));
        return [.. head, .. body];
    }
}
