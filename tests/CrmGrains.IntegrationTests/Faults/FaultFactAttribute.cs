using CrmGrains.Faults.Kinds;

namespace CrmGrains.IntegrationTests.Faults;

/// <summary>A test of a fault that this machine may not allow; skipped then, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FaultFactAttribute : FactAttribute
{
    /// <param name="kind">The fault's name.</param>
    public FaultFactAttribute(string kind) =>
        Skip = FaultKinds.All.Single(one => one.Name == kind).ObstacleHere();
}
