using System.Text;

namespace CrmGrains.FaultProxy;

/// <summary>Counts the bytes of one direction until the connection is to be ended. Used by one pump.</summary>
internal sealed class PendingCut(Cut cut)
{
    private readonly byte[] _after = Encoding.ASCII.GetBytes(cut.After ?? "");
    private byte[] _seen = [];
    private long? _left = cut.After is null ? cut.Bytes : null;

    public Ending Ending => cut.Ending;

    /// <summary>How much of a piece may pass; less than all of it means that the connection ends there.</summary>
    public int Passes(ReadOnlySpan<byte> piece)
    {
        if (_left is null)
        {
            byte[] together = [.. _seen, .. piece];
            var at = together.AsSpan().IndexOf(_after);
            if (at < 0)
            {
                _seen = together[^Math.Min(together.Length, _after.Length - 1)..];
                return piece.Length;
            }

            _left = Math.Max(0, at + _after.Length - _seen.Length + cut.Bytes);
        }

        var passes = (int)Math.Min(piece.Length, _left.Value);
        _left -= passes;
        return passes;
    }

    /// <summary>Whether nothing more may pass: told before the next piece comes, which may be never.</summary>
    public bool IsDue => _left <= 0;
}
