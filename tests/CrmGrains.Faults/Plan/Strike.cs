namespace CrmGrains.Faults.Plan;

/// <summary>One fault, at a time.</summary>
/// <param name="At">Since the plan began.</param>
/// <param name="Kind">A name of <see cref="Kinds.FaultKinds"/>.</param>
/// <param name="Silo">Whom it hits, where it hits a silo; counted from 0.</param>
/// <param name="Length">How long it lasts before it is healed.</param>
/// <param name="Draw">What else is decided by chance, from 0 to 1.</param>
internal sealed record Strike(TimeSpan At, string Kind, int Silo, TimeSpan Length, double Draw)
{
    public override string ToString() =>
        $"{At.TotalSeconds,6:0.0} s  {Kind,-16} silo {Silo + 1}, for {Length.TotalSeconds:0.0} s";
}
