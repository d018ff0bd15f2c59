namespace CrmGrains.Benchmarks.Load;

/// <summary>Milliseconds, sorted.</summary>
internal sealed class Latencies
{
    private readonly double[] _sorted;

    public Latencies(IEnumerable<double> milliseconds)
    {
        _sorted = [.. milliseconds];
        Array.Sort(_sorted);
    }

    /// <summary>All of them together.</summary>
    public static Latencies Of(IEnumerable<Latencies> several) => new(several.SelectMany(one => one._sorted));

    public double P50 => At(0.50);

    public double P99 => At(0.99);

    public double Max => _sorted.Length == 0 ? double.NaN : _sorted[^1];

    public int Count => _sorted.Length;

    private double At(double share) =>
        _sorted.Length == 0 ? double.NaN : _sorted[(int)Math.Min(_sorted.Length - 1, _sorted.Length * share)];
}
