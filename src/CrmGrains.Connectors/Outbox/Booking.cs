using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Json;
using CrmGrains.Core.Undo;

namespace CrmGrains.Connectors.Outbox;

/// <summary>The states of a command, as the table spells them.</summary>
internal static class CommandState
{
    public const string Waiting = "waiting";
    public const string Succeeded = CommandOutcome.Succeeded;
    public const string ManualReview = CommandOutcome.ManualReview;
    public const string DeadLettered = CommandOutcome.DeadLettered;
}

/// <summary>What is committed of a batch in one transaction.</summary>
internal sealed class Booking
{
    public List<BookedCommand> Commands { get; } = [];

    public List<BookedLink> Links { get; } = [];

    public List<BookedCall> Calls { get; } = [];

    /// <summary>Why the account must not be used for now; null where it may.</summary>
    public string? PauseReason { get; set; }

    /// <summary>How long the CRM asked all callers to wait.</summary>
    public TimeSpan Rest { get; set; }

    /// <summary>
    /// Whether nothing worked although some of it was tried for the first time: the CRM is away, rather than a command bad. Null: it
    /// doesn't say.
    /// </summary>
    public bool? IsOutage { get; set; }

    /// <summary>The commands that were taken back by those that succeeded.</summary>
    public IEnumerable<long> Reverted => Commands.Where(command => command.State == CommandState.Succeeded)
        .Select(command => command.Command.Wanted).OfType<CrmCommand.Revert>().Select(revert => revert.TargetId);

    /// <summary>Those that came to their end, in the order in which their grains are told.</summary>
    public IEnumerable<BookedCommand> Ended =>
        Commands.Where(command => command.State != CommandState.Waiting).OrderBy(command => command.Command.Id);
}

/// <summary>A command after an attempt.</summary>
/// <param name="Command">As it was before.</param>
/// <param name="State">One of <see cref="CommandState"/>; waiting: it is tried again.</param>
/// <param name="Attempts">Made so far.</param>
internal sealed record BookedCommand(QueuedCommand Command, string State, int Attempts)
{
    public bool IsUncertain { get; init; }

    /// <summary>The wait before the next attempt.</summary>
    public TimeSpan Delay { get; init; }

    public string? CrmId { get; init; }

    public string? Action { get; init; }

    public string? OwnerStatus { get; init; }

    public byte[]? ResponseHash { get; init; }

    /// <summary>What was there before and what is there now, where both are known and neither is too large to be kept.</summary>
    public StoredImages Images { get; init; }

    public string? Error { get; init; }

    public string? Detail { get; init; }

    /// <summary>What the grain that asked for it is told.</summary>
    public CommandResult Result => new()
    {
        EffectKey = Command.EffectKey,
        Object = Command.Object,
        Outcome = State,
        Action = Action,
        CrmId = CrmId,
        OwnerStatus = OwnerStatus,
        Error = Error,
        Detail = Detail,
        Attempts = Attempts,
    };

    public static byte[]? Hash(string? response) => response is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(response));
}

/// <summary>The images of a write as they are stored: both or none.</summary>
internal readonly record struct StoredImages(string? Before, string? After)
{
    public static StoredImages Of(WriteOutcome.Succeeded outcome)
    {
        if (outcome is not { Before: { } before, After: { } after })
            return default;
        var images = new StoredImages(Text(before), Text(after));
        return images.Before is null || images.After is null ? default : images;
    }

    // A NUL in what people wrote into a field is no reason to fail: such a write can't be taken back.
    private static string? Text(RecordImage image)
    {
        var json = JsonSerializer.Serialize(image, CoreJson.Default.RecordImage);
        return Encoding.UTF8.GetByteCount(json) <= RecordImage.MaxBytes && StoredText.Of(json, RecordImage.MaxBytes) == json ? json : null;
    }
}

/// <summary>What a record is called in the CRM from now on.</summary>
internal sealed record BookedLink(RecordKey Record, Link Link);

/// <summary>A call and the attempts that it was part of.</summary>
internal sealed record BookedCall(CrmCall Call, IReadOnlyList<(long CommandId, int Attempt)> Attempts);
