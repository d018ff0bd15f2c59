using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Core.Sequences;

/// <summary>A sequence that runs for a customer.</summary>
/// <param name="Sequence">The workspace's name of it.</param>
/// <param name="Playbook">What began it.</param>
/// <param name="Mark">Of the event that its actions are done once for.</param>
/// <param name="LastAt">UTC; when what begins it happened last. What stops it must not be older.</param>
/// <param name="BeganAt">UTC; what the times of its steps count from.</param>
/// <param name="Step">The next step, from 0.</param>
/// <param name="DueAt">UTC; when the next step is looked at.</param>
/// <param name="Facts">What the event said that its conditions and texts ask for.</param>
/// <param name="Match">How the event was matched to the customer.</param>
public sealed record RunningSequence(
    string Sequence,
    string Playbook,
    Watermark Mark,
    DateTimeOffset LastAt,
    DateTimeOffset BeganAt,
    int Step,
    DateTimeOffset DueAt,
    IReadOnlyDictionary<string, FieldValue> Facts,
    IdentityMatch Match);

/// <summary>What a turn did to a sequence.</summary>
/// <param name="Sequence">The workspace's name of it.</param>
/// <param name="Matter">What it is about; null: the customer.</param>
/// <param name="What"><c>began</c>, <c>not_begun</c>, <c>stopped</c>, <c>stepped</c>, <c>waits</c>, <c>ended</c>.</param>
/// <param name="Why">In few words.</param>
public sealed record SequenceTrace(string Sequence, string? Matter, string What, string Why);
