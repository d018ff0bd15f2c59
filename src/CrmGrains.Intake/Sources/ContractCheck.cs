using CrmGrains.Core.Contract;

namespace CrmGrains.Intake.Sources;

/// <summary>Holds what any source made of a delivery against the contract, in one place.</summary>
internal static class ContractCheck
{
    /// <summary>The same; an event that breaks the contract is rejected with every fault.</summary>
    public static Normalized Of(Normalized normalized) =>
        normalized is Normalized.Event made && ContractValidator.FaultsOf(made.Value) is { Count: > 0 } faults
            ? new Normalized.Rejected(made.Validation with { Faults = [.. made.Validation.Faults, .. faults] })
            : normalized;
}
