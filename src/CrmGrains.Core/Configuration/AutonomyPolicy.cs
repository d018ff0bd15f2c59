namespace CrmGrains.Core.Configuration;

/// <summary>When the system may propose to do a kind of action without a person, and when it loses that again.</summary>
public sealed record AutonomyPolicy
{
    /// <summary>Answers of people that there must be.</summary>
    public int MinDecisions { get; init; } = 50;

    /// <summary>The lower bound of the rate of proposals that were accepted unchanged and not undone; from 0 to 1.</summary>
    public double MinLowerBound { get; init; } = 0.95;

    /// <summary>The rate of answers since the grant below which it ends, from 0 to 1.</summary>
    public double DemoteBelow { get; init; } = 0.8;

    /// <summary>How far back answers count.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(90);
}
