using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Benchmarks.Load;

/// <summary>
/// The deliveries of one run, as complete, signed HTTP requests: about 1 KB of JSON each, and for each ten events one of them once more.
/// Those of a short run are rendered beforehand, so that sending one costs the generator a copy to the socket and nothing else; those of a
/// long run as they are needed, so that its memory has a bound.
/// </summary>
internal sealed class Deliveries
{
    public const string Secret = "bench-secret-0123456789abcdef";

    private const int FreshInARow = 10;
    private const int FarthestRepeat = 500;
    private const int RequestsPerChunk = 100;

    // Farther back than the farthest repeat and whatever is in flight.
    private const int KeptChunks = 32;

    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Secret);

    private readonly Hook _hook;
    private readonly Population _population;
    private readonly DateTimeOffset _now;
    private readonly byte[]?[] _chunks;
    private readonly int _stride;
    private readonly bool _isBounded;
    private readonly Lock _gate = new();

    /// <summary>Prepares the deliveries.</summary>
    /// <param name="run">Makes their ids differ from those of other runs: 0 to 9,999.</param>
    /// <param name="sends">Requests, repeats included.</param>
    /// <param name="hook">Where they go.</param>
    /// <param name="population">Whose events they are.</param>
    /// <param name="now">What their instants lie before.</param>
    /// <param name="isRenderedBeforehand">Whether all of them are kept in memory, 1.3 KB each; false: few are, for long runs.</param>
    public Deliveries(int run, int sends, Hook hook, Population population, DateTimeOffset now, bool isRenderedBeforehand = true)
    {
        (_hook, _population, _now, Count) = (hook, population, now, sends);
        Events = EventOf(sends - 1, out _) is var last && IsRepeat(sends - 1) ? EventOf(sends - 2, out _) + 1 : last + 1;
        Prefix = string.Create(CultureInfo.InvariantCulture, $"bench-{run:D4}-");
        _stride = Request(0).Length;
        _chunks = new byte[]?[(Events + RequestsPerChunk - 1) / RequestsPerChunk];
        _isBounded = !isRenderedBeforehand;
        if (!_isBounded)
            Parallel.For(0, _chunks.Length, chunk => _chunks[chunk] = Render(chunk));
    }

    /// <summary>Requests, repeats included.</summary>
    public int Count { get; }

    /// <summary>Different events among them.</summary>
    public int Events { get; }

    /// <summary>What the ids of this run's deliveries begin with.</summary>
    public string Prefix { get; }

    /// <summary>How many requests it takes to send so many different events.</summary>
    public static int SendsFor(int events) => events + (events - 1) / FreshInARow;

    /// <summary>The bytes of a request.</summary>
    public ReadOnlyMemory<byte> RequestOf(int send)
    {
        var number = EventOf(send, out _);
        var chunk = number / RequestsPerChunk;
        var bytes = Volatile.Read(ref _chunks[chunk]) ?? Rendered(chunk);
        return bytes.AsMemory(number % RequestsPerChunk * _stride, _stride);
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
    public int EventOf(string deliveryId) => int.Parse(deliveryId.AsSpan(Prefix.Length), CultureInfo.InvariantCulture);

    private static bool IsRepeat(int send) => send % (FreshInARow + 1) == FreshInARow;

    private byte[] Rendered(int chunk)
    {
        lock (_gate)
        {
            if (_chunks[chunk] is { } bytes)
                return bytes;
            if (_isBounded && chunk >= KeptChunks)
                _chunks[chunk - KeptChunks] = null;
            Volatile.Write(ref _chunks[chunk], bytes = Render(chunk));
            return bytes;
        }
    }

    private byte[] Render(int chunk)
    {
        var bytes = new byte[RequestsPerChunk * _stride];
        for (var i = 0; i < RequestsPerChunk; i++)
            Request(chunk * RequestsPerChunk + i).CopyTo(bytes.AsSpan(i * _stride));
        return bytes;
    }

    private byte[] Request(int number)
    {
        var body = Body(
            string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D9}"), number, _population.CustomerOf(number),
            _now.AddMilliseconds(number - (double)Events));
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {_hook.Path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nX-Signature: {Convert.ToHexStringLower(HMACSHA256.HashData(Key, body))}\r\nContent-Length: {body.Length}\r\n\r\n"));
        return [.. head, .. body];
    }

    /// <summary>The payload of an event. Every number has a fixed width, so that all are of one length.</summary>
    public static byte[] Body(string id, int number, int customer, DateTimeOffset occurredAt) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""
            {"id":"{{{id}}}","type":"custom.bench","occurred_at":"{{{occurredAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}}","contact":{"email":"{{{Population.EmailOf(customer)}}}","name":"{{{Population.NameOf(customer)}}}"},"data":{"plan":"growth","seats":{{{100 + number % 900:D3}}},"region":"eu-central","currency":"EUR","amount":{{{1000 + number % 9000:D4}}},"tags":["renewal","annual","self-serve","priority"],"items":[{"sku":"crm-seat-annual","quantity":12,"price":4900},{"sku":"onboarding-pack","quantity":1,"price":25000},{"sku":"support-premium","quantity":1,"price":9900}],"session":{"referrer":"https://www.example.com/pricing?plan=growth","landing_page":"https://www.example.com/features/routing","user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"},"message":"We compared three tools and decided for the annual plan. Please set up the shared inbox, import our 4,000 contacts from the sheet that we sent last week, and tell us when the first call can take place; mornings are best."}}
            """));
}
