namespace CrmGrains.Checker;

/// <summary>A run that went on to its end leaves nothing to do.</summary>
internal static class LeftOverLaw
{
    public static IEnumerable<Violation> Messages(HistoryIndex index) => index.History.MessagesLeft.Select(message => new Violation(
        ViolationKind.LeftOver, $"message {message.Id}",
        $"A {message.Kind} still lies in mailbox {message.Partition}, event {message.EventId}."));

    public static IEnumerable<Violation> Commands(HistoryIndex index) => index.History.Commands
        .Where(command => command.State is "waiting" or "blocked" or "sent")
        .Select(command => new Violation(ViolationKind.LeftOver, $"command {command.EffectKey}", $"It is still {command.State}."));
}
