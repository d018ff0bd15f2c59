using System.Globalization;
using System.Text;
using System.Text.Json;
using CrmGrains.Host.Reviews;

namespace CrmGrains.Host.Commands;

/// <summary>Review items as a person reads them in a terminal.</summary>
internal static class ReviewText
{
    private const int Wide = 100;

    /// <summary>A list, one item a line.</summary>
    public static string OfPage(JsonElement page)
    {
        var items = page.Deserialize(ReviewJson.Default.ReviewPage)?.Items ?? [];
        var text = new StringBuilder();
        foreach (var item in items)
            text.AppendLine(OfItem(item));
        return text.Append(items.Count == 1 ? "1 item." : $"{items.Count} items.").ToString();
    }

    /// <summary>One line.</summary>
    public static string OfItem(JsonElement item) => item.Deserialize(ReviewJson.Default.ReviewItem) is { } read ? OfItem(read) : "";

    /// <summary>A whole item.</summary>
    public static string OfView(JsonElement answer)
    {
        if (answer.Deserialize(ReviewJson.Default.ReviewView) is not { } view)
            return "";
        var (text, item) = (new StringBuilder(), view.Item);
        Line(text, $"Review {item.Id}  {item.Status.ToUpperInvariant()}{(item.IsOverdue ? ", OVERDUE" : "")}");
        Line(text, $"  {item.Summary}");
        Line(text, $"  {item.Priority} priority{Of(", tier ", item.Tier)}{Of(", with ", item.Assignee)}, about {item.Grain}, round {item.Round}");
        Line(text, $"  opened {At(item.OpenedAt)}{Of(", due ", At(item.DueAt))}{Of(", lapses ", At(item.ExpiresAt))}{Of(", put away until ", At(item.SnoozedUntil))}");
        if (item.Answer is { } said)
            Line(text, $"  {said} by {Who(item.AnsweredBy)} at {At(item.ClosedAt)}{Of(": ", view.AnswerReason)}{Of("; then the grain: ", view.Outcome)}");
        else if (item.ClosedAt is not null)
            Line(text, $"  taken back at {At(item.ClosedAt)}: {item.Resolution}");
        if (item.ApprovedBy is { } first && item.ClosedAt is null)
            Line(text, $"  {first} has approved it; somebody else must too");
        if (view.Asked is { } question)
            Line(text, $"  Asked, and not answered yet: {question}");

        if (view.Proposal is { } proposal)
            Proposal(text, proposal);
        if (view.Detail is { } detail)
            Detail(text, detail);
        History(text, view);
        Answers(text, view);
        return text.ToString().TrimEnd();
    }

    private static void Proposal(StringBuilder text, ProposalView proposal)
    {
        Title(text, $"Proposed by {proposal.From}: {proposal.Name}");
        Line(text, $"  {proposal.Type}, {proposal.Tier} risk{Of(": ", proposal.About)}");
        Line(text, $"  {proposal.Reason}");
        if (proposal.NeedsTwoPeople)
            Line(text, $"  Two different people must approve it.");

        if (proposal.Moved is { Count: > 0 } moved)
        {
            Title(text, $"It came back, because this moved after it was approved");
            foreach (var fact in moved)
                Line(text, $"  {fact.Fact,-28} was {Quoted(fact.Was)}, is now {Quoted(fact.IsNow)}");
            Line(text, $"  What was approved is what is proposed below.");
        }

        if (proposal.Questions.Count > 0)
        {
            Title(text, $"Missing");
            foreach (var question in proposal.Questions)
                Line(text, $"  ? {question}");
        }

        Title(text, $"What would be done");
        foreach (var value in proposal.Values)
        {
            Line(text, $"  {value.Path,-28} {Quoted(value.Proposed)}{(value.Before is { } before && before != value.Proposed ? $"   (now {Quoted(before)})" : "")}");
            if (value.Edited is { } edited)
                Line(text, $"  {"",-28} changed to {Quoted(edited)}");
        }

        if (proposal.RestsOn.Count > 0)
        {
            Title(text, $"What it rests on");
            foreach (var fact in proposal.RestsOn)
                Line(text, $"  {(fact.IsMoved ? "!" : " ")} {fact.Fact,-26} {Quoted(fact.Saw)}{(fact.IsMoved ? $"   is now {Quoted(fact.IsNow)}: an approval would come back" : "")}");
        }

        if (proposal.Context.Count > 0)
        {
            Title(text, $"What else is known");
            foreach (var (name, value) in proposal.Context)
                Line(text, $"  {name,-28} {Quoted(value)}");
        }

        if (proposal.Gates.Count > 0)
        {
            Title(text, $"Gates");
            foreach (var gate in proposal.Gates)
                Line(text, $"  {(gate.Passes ? "✓" : "✗")} {gate.Name,-26} {gate.Why}");
        }
    }

    private static void Detail(StringBuilder text, JsonElement detail)
    {
        Title(text, $"What it is about");
        foreach (var member in detail.EnumerateObject())
            Line(text, $"  {member.Name,-28} {Cut(member.Value.ToString())}");
    }

    private static void History(StringBuilder text, ReviewView view)
    {
        if (view.History.Count == 0)
            return;
        Title(text, $"What happened");
        foreach (var step in view.History)
            Line(text, $"  {At(step.At)}  {Who(step.By),-16} {step.Step}{Of(": ", step.Text)}{(step.Round is { } round && round != view.Item.Round ? $"  (round {round})" : "")}");
    }

    private static void Answers(StringBuilder text, ReviewView view)
    {
        if (view.Item.ClosedAt is not null)
            return;
        Title(text, $"Answers");
        foreach (var (verb, does) in view.Answers)
        {
            Line(text, $"  {verb,-8} {does}");
            Line(text, $"  {"",-8} crmgrains reviews {verb} {view.Item.Id} --seen {view.Item.Version}{Needs(verb, view)}");
        }

        Line(text, $"  Or ask, snooze, assign, escalate.");
    }

    private static string Needs(string verb, ReviewView view) => verb switch
    {
        Verb.Reject => " --reason \"…\"",
        Verb.Resolve => " --text \"…\"",
        Verb.Edit when view.Proposal is { Editable: [var path, ..] } => $" --set {path}=…",
        _ => "",
    };

    private static string OfItem(ReviewItem item) => string.Create(
        CultureInfo.InvariantCulture,
        $"{item.Id}  v{item.Version,-3} {item.Status + (item.IsOverdue ? "!" : ""),-9} {item.Priority,-7} {item.Action ?? item.Reason,-26} {Of("", At(item.DueAt) ?? At(item.OpenedAt)),-17} {item.Assignee ?? "-",-12} {Cut(item.Summary)}");

    private static string? At(DateTime? at) => at?.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static string Who(string? by) => string.IsNullOrEmpty(by) ? "the system" : by;

    private static string Of(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + text;

    private static string Quoted(string? text) => text is null ? "nothing" : $"«{Cut(text)}»";

    private static string Cut(string text)
    {
        var line = text.ReplaceLineEndings(" ⏎ ");
        return line.Length <= Wide ? line : $"{line[..Wide]}…";
    }

    private static void Title(StringBuilder text, FormattableString title) => text.AppendLine().AppendLine(title.ToString(CultureInfo.InvariantCulture));

    private static void Line(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
}
