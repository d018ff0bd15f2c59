using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Silos;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Proposals: an answer is a message to the grain that proposes, which has the last word.</summary>
internal sealed class ProposalMatter(Wakeups wakeups) : IReviewMatter
{
    public bool Takes(ReviewItem item) => item.Action is not null;

    public IReadOnlyDictionary<string, string> AnswersTo(ReviewRow item)
    {
        var proposal = item.ReadProposal();
        var (isCritical, needsTwo) = (proposal?.Tier == RiskTier.Critical, proposal?.FourEyes == true);
        var does = isCritical ? "Notes that it was approved. It is critical, so the system never does it itself."
            : needsTwo && item.ApprovedBy is null ? "Counts as the first of two approvals: it is done once somebody else approves it too."
            : needsTwo ? $"Counts as the second approval after {item.ApprovedBy}'s: it is done, unless what it rests on has moved."
            : "It is done as proposed, unless what it rests on has moved: then it comes back and says so.";
        var answers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Verb.Approve] = does,
            [Verb.Reject] = "It isn't done, and isn't proposed again for this event.",
        };
        if (proposal is not null && CommandEdits.PathsOf(proposal.Command) is { Count: > 0 } paths)
            answers[Verb.Edit] = $"It is done with your changes ({string.Join(", ", paths)}); they are kept as an override."
                + (needsTwo ? " Somebody else must approve them too." : "");
        return answers;
    }

    public async Task<Deed> DoAsync(
        NpgsqlConnection connection, ReviewRow item, IReadOnlyList<string> by, long? prepared, CancellationToken cancellationToken)
    {
        if (item.ReadProposal() is not { } proposal || !GrainId.TryParse(item.Grain, out var grain))
            return new Deed(ReviewRefusals.NotNow("not_kept", "What was proposed isn't kept any more."));
        var message = AnsweredMessage.Of(grain, new Message.ReviewAnswered(item.Id, AnswerOf(item), proposal, by)
        {
            Instead = AnswerOf(item) == Answer.Edited ? item.ReadInstead() : null, Reason = item.AnswerReason,
        });
        await Mail.SendAsync(connection, [message], cancellationToken);
        return new Deed(Problem: null, () => wakeups.MailboxesFilled([message.Partition]));
    }

    private static Answer AnswerOf(ReviewRow item) => item.Answer switch
    {
        Answers.Approved => Answer.Approved,
        Answers.Edited => Answer.Edited,
        _ => Answer.Rejected,
    };
}

/// <summary>An answer on its way to the grain that proposed.</summary>
internal static class AnsweredMessage
{
    /// <summary>It is part of the event's story, so that its trace tells of it.</summary>
    public static OutgoingMessage Of(GrainId grain, Message.ReviewAnswered answered) => new(
        MailboxPartition.Of(grain), grain.Workspace, grain.ToString(), answered.Name, answered.Proposal.EventId,
        JsonSerializer.SerializeToUtf8Bytes(answered, CoreJson.Default.Message));
}
