using System.Text;
using System.Text.Json;

namespace CrmGrains.Checker;

/// <summary>The stored state of a grain is what its turns make of it when they are run again.</summary>
internal static class FoldLaw
{
    private const int MostShown = 400;

    public static IEnumerable<Violation> Check(HistoryIndex index, GrainFold fold, Action folded)
    {
        var states = index.History.States.ToLookup(state => state.Grain);
        foreach (var grain in index.Grains)
        {
            var turns = grain.Where(turn => turn.Version != 0).ToList();
            if (turns.Count == 0)
                continue;
            if (Fault(grain.Key, turns, [.. states[grain.Key]], fold, folded) is { } fault)
                yield return new(ViolationKind.WrongState, grain.Key, fault);
        }
    }

    private static string? Fault(string grain, List<LedgerEntry> turns, List<GrainState> states, GrainFold fold, Action folded)
    {
        try
        {
            if (states.Count == 0)
                return $"It had {turns.Count} turns and has no state.";
            if (fold(grain, turns) is not { } expected)
                return null;
            folded();
            var stored = states[0].State.Read();
            return IsSame(expected, stored) ? null : Difference(expected, stored);
        }
        catch (Exception exception)
        {
            return $"Its turns can't be run again: {exception.GetType().Name}: {exception.Message}";
        }
    }

    // A state that lay in a cache may write its properties in another order than one that was read.
    private static bool IsSame(byte[] expected, byte[] stored)
    {
        if (expected.AsSpan().SequenceEqual(stored))
            return true;
        using var left = JsonDocument.Parse(expected);
        using var right = JsonDocument.Parse(stored);
        return JsonElement.DeepEquals(left.RootElement, right.RootElement);
    }

    private static string Difference(byte[] expected, byte[] stored)
    {
        var from = Math.Max(0, expected.AsSpan().CommonPrefixLength(stored) - MostShown / 4);
        return $"From byte {from} on its turns make {Shown(expected, from)} of it; stored is {Shown(stored, from)}.";
    }

    private static string Shown(byte[] json, int from) =>
        Encoding.UTF8.GetString(json, from, Math.Min(MostShown, json.Length - from));
}
