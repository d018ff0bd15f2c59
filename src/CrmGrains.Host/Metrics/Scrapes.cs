using System.Buffers;

namespace CrmGrains.Host.Metrics;

/// <summary>
/// Collects for one scrape at a time and holds few at once, however many ask and however slowly they read: the exporter has one set of
/// buffers, and an observable instrument that blocks must cost one thread, not one for each scrape.
/// </summary>
internal sealed class Scrapes(PrometheusExporter exporter) : IDisposable
{
    /// <summary>More than the Prometheus servers and people that scrape one silo.</summary>
    public const int MaxInFlight = 8;

    private readonly SemaphoreSlim _collecting = new(1, 1);
    private int _inFlight;

    /// <summary>Takes one of the <see cref="MaxInFlight"/> places; who gets one calls <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight) <= MaxInFlight)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <returns>The exposition, for the caller to dispose of.</returns>
    /// <exception cref="InvalidOperationException">The instruments could not be collected.</exception>
    public async Task<Exposition> CollectAsync(CancellationToken cancellationToken)
    {
        await _collecting.WaitAsync(cancellationToken);
        // A collection cannot be interrupted. One that nobody waits for any more ends by itself and then lets the next one in;
        // its array is left to the garbage collector.
        return await Task.Run(Collect, CancellationToken.None).WaitAsync(cancellationToken);
    }

    public void Dispose() => _collecting.Dispose();

    private Exposition Collect()
    {
        try
        {
            return new Exposition(exporter.Scrape().Span);
        }
        finally
        {
            _collecting.Release();
        }
    }
}

/// <summary>What one scrape is answered with, in an array of the shared pool.</summary>
internal sealed class Exposition : IDisposable
{
    private readonly byte[] _rented;
    private readonly int _length;

    public Exposition(ReadOnlySpan<byte> text)
    {
        _rented = ArrayPool<byte>.Shared.Rent(text.Length);
        _length = text.Length;
        text.CopyTo(_rented);
    }

    public ReadOnlyMemory<byte> Text => _rented.AsMemory(0, _length);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_rented);
}
