using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Commands;

/// <summary>What a command's end means to the grain that asked for it: the same for all kinds of grains.</summary>
internal static class CommandDecision
{
    public static Decision Of(CommandResult result) => result.Outcome switch
    {
        CommandOutcome.Succeeded => new Decision { Outcome = "record", Reason = $"The {result.Object} was {result.Action}." },
        CommandOutcome.ManualReview => new Decision { Outcome = "review", Reason = $"The {result.Object} was refused: {result.Error}." },
        _ => new Decision { Outcome = "escalate", Reason = $"Writing the {result.Object} was given up after {result.Attempts} attempts: {result.Error}." },
    };

    public static IReadOnlyList<Effect> Reviews(CommandResult result)
    {
        if (result is { Outcome: CommandOutcome.ManualReview, Error: CrmCommand.Revert.ChangedSince })
            return [new Effect.OpenReview(
                $"command/{result.EffectKey}", CrmCommand.Revert.ChangedSince,
                $"The {result.Object} was to be as it was before, but was changed since, so it was left as it is. Change it by hand where that is still wanted.")];
        if (result.Outcome == CommandOutcome.ManualReview)
            return [new Effect.OpenReview(
                $"command/{result.EffectKey}", result.Error ?? "unknown",
                Question(result))];
        if (result.OwnerStatus is "inactive" or "missing")
            return [new Effect.OpenReview(
                $"owner/{result.EffectKey}", "inactive_owner",
                $"The {result.Object} was written without an owner: who holds the role is {result.OwnerStatus} in the CRM. Name another one.")];
        return [];
    }

    private static string Question(CommandResult result) => result.Error switch
    {
        CommandError.MayHaveBeenSent =>
            $"The {result.Object} may have arrived, and nobody but its receiver can tell. Ask; retry the command only if it didn't, for that sends it.",
        CommandError.NotConfigured =>
            $"The {result.Object} has nowhere to go: the workspace has no such CRM account or channel. Configure it, then retry the command.",
        _ when result.Object is CrmObject.Mail or CrmObject.Notice or CrmObject.Webhook or CrmObject.File =>
            $"The {result.Object} was refused as it is. Correct what is named, then retry the command.",
        _ => $"The CRM refused to write the {result.Object}. Correct what it names, then retry the command.",
    };
}
