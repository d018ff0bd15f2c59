using System.Collections.Frozen;

namespace CrmGrains.Intake.Sources.Stripe;

/// <summary>Stripe's amounts, which are in the currency's minor unit as Stripe counts: not always as ISO 4217 does, as ISK has two decimals here.</summary>
internal static class StripeMoney
{
    private static readonly FrozenSet<string> NoMinorUnit = FrozenSet.Create(
        StringComparer.Ordinal,
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF");

    private static readonly FrozenSet<string> ThreeDecimals = FrozenSet.Create(StringComparer.Ordinal, "BHD", "JOD", "KWD", "OMR", "TND");

    /// <summary>The amount in whole units.</summary>
    public static decimal Whole(decimal minorUnits, string currency) =>
        minorUnits / (NoMinorUnit.Contains(currency) ? 1 : ThreeDecimals.Contains(currency) ? 1000 : 100);
}
