using CrmGrains.Sandbox.HubSpot.Answers;
using Microsoft.AspNetCore.Http.Features;

namespace CrmGrains.Sandbox.Calls;

/// <summary>What becomes known about a call while it is handled. A handler takes it as a parameter.</summary>
internal sealed class CallRecord
{
    private readonly List<string> _recordIds = [];

    /// <summary>The records that the call wrote, each once for each write.</summary>
    public IReadOnlyList<string> RecordIds => _recordIds;

    /// <summary>The fault that the call ran into, by its kind.</summary>
    public string? Fault { get; set; }

    /// <summary>With what a fault refuses every second row of a batch.</summary>
    public HubSpotError? PartialFault { get; set; }

    /// <summary>Whether a fault held the call back, so that it was neither carried out nor answered.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether the connection is to be cut instead of an answer.</summary>
    public bool IsCut { get; set; }

    public void Wrote(string recordId) => _recordIds.Add(recordId);

    public static CallRecord Of(HttpContext context) => context.Features.GetRequiredFeature<CallRecord>();

    public static ValueTask<CallRecord> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));
}
