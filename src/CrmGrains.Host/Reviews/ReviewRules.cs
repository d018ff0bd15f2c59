using CrmGrains.Core.Actions;

namespace CrmGrains.Host.Reviews;

/// <summary>What an answer makes of an item. A closed set.</summary>
internal abstract record ReviewDecision
{
    private ReviewDecision() { }

    /// <summary>The item as it shall be.</summary>
    /// <param name="Next">Closed where it has an answer.</param>
    /// <param name="Step">What happened, in the past tense.</param>
    /// <param name="Text">What was said.</param>
    /// <param name="By">Who answered, the last of several who had to.</param>
    public sealed record Change(ReviewRow Next, string Step, string? Text, IReadOnlyList<string> By) : ReviewDecision;

    /// <summary>It stays as it is.</summary>
    public sealed record Refused(ReviewProblem Problem) : ReviewDecision;
}

/// <summary>What each answer makes of an item that is as the person saw it. Pure: the time is the row's.</summary>
internal static class ReviewRules
{
    /// <summary>The longest text that a person may write.</summary>
    public const int MaxText = 2000;

    private const int MaxName = 200;

    private static readonly string[] Priorities = ["low", "normal", "high", "urgent"];
    private static readonly TimeSpan LongestSnooze = TimeSpan.FromDays(90);

    /// <summary>What is wrong with an answer before anything is known of its item; null where nothing is.</summary>
    public static string? FaultOf(string verb, ReviewAnswer answer)
    {
        if (!Verb.All.Contains(verb, StringComparer.Ordinal))
            return $"`answer` is one of {string.Join(", ", Verb.All)}.";
        if (!IsText(answer.Reason) || !IsText(answer.Text))
            return $"A text has up to {MaxText} characters and no control characters.";
        if (answer.Assignee is { } name && (name.Length is 0 or > MaxName || name.Any(char.IsControl)))
            return $"`assignee` is a name of up to {MaxName} characters.";
        return verb switch
        {
            Verb.Reject when string.IsNullOrWhiteSpace(answer.Reason) => "Say why with `reason`: it is what is learned from.",
            Verb.Ask or Verb.Reply or Verb.Resolve when string.IsNullOrWhiteSpace(answer.Text) => "Say it with `text`.",
            Verb.Snooze when answer.Until is null => "Say until when with `until`.",
            Verb.Edit when answer.Edits is not { Count: > 0 } => "Say what shall be otherwise with `edits`.",
            _ => null,
        };
    }

    /// <summary>The step that a verb takes.</summary>
    public static string StepOf(string verb) => verb switch
    {
        Verb.Approve => Answers.Approved,
        Verb.Edit => Answers.Edited,
        Verb.Reject => Answers.Rejected,
        Verb.Resolve => Answers.Resolved,
        Verb.Ask => "asked",
        Verb.Reply => "replied",
        Verb.Snooze => "snoozed",
        Verb.Assign => "assigned",
        _ => "escalated",
    };

    /// <summary>Decides.</summary>
    public static ReviewDecision Decide(ReviewRow row, string verb, ReviewAnswer answer, string by)
    {
        ReviewDecision Change(ReviewRow next) => new ReviewDecision.Change(next, StepOf(verb), TextOf(verb, answer), [by]);
        ReviewDecision Close(string with) => Change(row with { Answer = with, AnsweredBy = by, AnswerReason = answer.Reason ?? answer.Text });
        if (row.IsExpired)
            return new ReviewDecision.Refused(ReviewRefusals.Expired(row));
        switch (verb)
        {
            case Verb.Approve:
                return Approve(row, answer, by);
            case Verb.Edit:
                return Edit(row, answer, by);
            case Verb.Reject:
                return Close(Answers.Rejected);
            case Verb.Resolve:
                return Close(Answers.Resolved);
            case Verb.Ask:
                return Change(row with { Asked = answer.Text, Assignee = answer.Assignee ?? row.Assignee });
            case Verb.Reply when row.Asked is null:
                return NotNow("not_asked", "Nobody has asked anything.");
            case Verb.Reply:
                return Change(row with { Asked = null, SnoozedUntil = null });
            case Verb.Snooze:
                var until = answer.Until?.UtcDateTime ?? row.Now;
                if (until <= row.Now || until > row.Now + LongestSnooze)
                    return new ReviewDecision.Refused(ReviewRefusals.Bad($"`until` is to come, within {LongestSnooze.TotalDays} days."));
                return until >= row.ExpiresAt
                    ? NotNow("expires_before", "By then nobody could answer it any more.")
                    : Change(row with { SnoozedUntil = until });
            case Verb.Assign:
                return Change(row with { Assignee = answer.Assignee });
            default:
                var higher = Math.Min(Array.IndexOf(Priorities, row.Priority) + 1, Priorities.Length - 1);
                var next = row with { Priority = Priorities[higher], Assignee = answer.Assignee ?? row.Assignee, SnoozedUntil = null };
                return next == row ? NotNow("urgent_already", "It is urgent already. Name somebody who shall have it with `assignee`.") : Change(next);
        }
    }

    // Of two people who must agree the first is kept; whoever changes the command is the first to agree to that.
    private static ReviewDecision Approve(ReviewRow row, ReviewAnswer answer, string by)
    {
        var needsTwo = row.ReadProposal()?.FourEyes == true;
        if (needsTwo && row.ApprovedBy is null)
            return new ReviewDecision.Change(row with { ApprovedBy = by }, Answers.Approved, answer.Reason, [by]);
        if (needsTwo && row.ApprovedBy == by)
            return NotNow("four_eyes", "You approved it already; it needs somebody else's approval too.");
        var next = row with { Answer = row.Instead is null ? Answers.Approved : Answers.Edited, AnsweredBy = by, AnswerReason = answer.Reason };
        return new ReviewDecision.Change(next, Answers.Approved, answer.Reason, needsTwo && row.ApprovedBy is { } first ? [first, by] : [by]);
    }

    private static ReviewDecision Edit(ReviewRow row, ReviewAnswer answer, string by)
    {
        if (row.ReadProposal() is not { } proposal)
            return NotNow("not_kept", "What was proposed isn't kept any more.");
        var before = row.ReadInstead() ?? proposal.Command;
        var edited = CommandEdits.Apply(before, answer.Edits ?? [], new DateTimeOffset(row.Now));
        if (edited.Command is not { } command)
            return new ReviewDecision.Refused(ReviewRefusals.BadEdits(edited.Faults));
        var next = row with { Instead = CommandEdits.IsSame(proposal.Command, command) ? null : ReviewRow.Write(command) };
        var text = $"{string.Join(", ", CommandPaths.Changed(before, command).Select(change => change.Path))}{(answer.Reason is { } reason ? $": {reason}" : "")}";
        return new ReviewDecision.Change(
            proposal.FourEyes ? next with { ApprovedBy = by } : next with { Answer = Answers.Edited, AnsweredBy = by, AnswerReason = answer.Reason },
            Answers.Edited, text, [by]);
    }

    /// <summary>What a step keeps of an answer; a repeat says the same.</summary>
    public static string? TextOf(string verb, ReviewAnswer answer) => verb switch
    {
        Verb.Approve or Verb.Reject => answer.Reason,
        Verb.Snooze => answer.Until?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        Verb.Assign => answer.Assignee ?? "nobody",
        Verb.Escalate => answer.Reason ?? answer.Assignee,
        _ => answer.Text,
    };

    private static ReviewDecision.Refused NotNow(string code, string detail) => new(ReviewRefusals.NotNow(code, detail));

    private static bool IsText(string? text) =>
        text is null || (text.Length <= MaxText && !text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')));
}
