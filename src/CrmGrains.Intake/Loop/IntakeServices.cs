using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Silence;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.DependencyInjection;

namespace CrmGrains.Intake.Loop;

/// <summary>The intake loop, for a process that runs grains.</summary>
public static class IntakeServices
{
    /// <summary>Adds intake to the silo's turns.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services.AddSingleton<IntakeMetrics>();
        services.AddDrift();
        services.AddSilence();
        services.AddSingleton<ITurns, IntakeTurns>();
        return services;
    }
}
