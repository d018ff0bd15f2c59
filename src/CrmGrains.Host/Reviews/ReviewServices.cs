namespace CrmGrains.Host.Reviews;

/// <summary>The review queue.</summary>
internal static class ReviewServices
{
    /// <summary>Taking answers, and measuring what waits for them.</summary>
    public static IServiceCollection AddReviews(this IServiceCollection services)
    {
        services.AddSingleton<EventReplays>();
        // The first that takes an item has it; what nobody else takes is a note's.
        services.AddSingleton<IReviewMatter, ProposalMatter>();
        services.AddSingleton<IReviewMatter, MergeMatter>();
        services.AddSingleton<IReviewMatter, CommandMatter>();
        services.AddSingleton<IReviewMatter, ReplayMatter>();
        services.AddSingleton<IReviewMatter, UndoMatter>();
        services.AddSingleton<IReviewMatter, AutonomyMatter>();
        services.AddSingleton<IReviewMatter, NoteMatter>();
        services.AddSingleton<ReviewDesk>();
        services.AddSingleton<ReviewViews>();
        services.AddHostedService<ReviewGauges>();
        return services;
    }

    /// <summary>Expiring what nobody answers, and waking what was snoozed.</summary>
    public static IServiceCollection AddReviewClock(this IServiceCollection services) => services.AddHostedService<ReviewClock>();
}
