namespace CrmGrains.Core.Contract;

/// <summary>What numbers of each kind must be.</summary>
internal static class NumberRules
{
    /// <summary>The fault's code; null where it has none.</summary>
    public static string? FaultOf(FieldKind kind, decimal number)
    {
        var isFine = kind switch
        {
            FieldKind.Count => number is >= 0 and <= FieldKinds.MaxCount && number == decimal.Truncate(number),
            FieldKind.Amount => number is >= 0 and <= FieldKinds.MaxNumber,
            _ => number is >= -FieldKinds.MaxNumber and <= FieldKinds.MaxNumber,
        };
        return isFine ? null : "number_invalid";
    }
}
