namespace CrmGrains.Checker;

/// <summary>A delivery as it was stored.</summary>
/// <param name="Partition">Its source's intake queue.</param>
public sealed record RawEvent(Guid EventId, int Partition, string DeliveryId);

/// <summary>A logical event: there once, whatever number of deliveries told it.</summary>
/// <param name="Body">The event in the internal contract.</param>
public sealed record LogicalEvent(Guid EventId, string Workspace, string IdempotencyKey, StoredText Body);

/// <summary>A partition and the head of its chain.</summary>
/// <param name="Workspace">Of an intake queue; else null.</param>
/// <param name="Source">Of an intake queue; else null.</param>
public sealed record PartitionHead(int Id, string? Workspace, string? Source, long HeadPosition, byte[] HeadHash);

/// <summary>A grain's row.</summary>
/// <param name="State">JSON.</param>
public sealed record GrainState(int Partition, string Grain, long Version, StoredText State);

/// <summary>A message that nobody handled yet.</summary>
public sealed record MessageLeft(long Id, int Partition, string Workspace, string Grain, string Kind, Guid? EventId);

/// <summary>A row of the outbox.</summary>
/// <param name="State">Its column: <c>succeeded</c> and so on.</param>
/// <param name="CrmId">The record that it was carried out on, as the CRM answered.</param>
/// <param name="Body">The command; JSON.</param>
public sealed record QueuedEffect(
    long Id, string Workspace, string Account, string EffectKey, Guid? EventId, string Grain, string Object, string Operation, string State,
    string? CrmId, StoredText Body);

/// <summary>What the CRM calls the record of a grain.</summary>
public sealed record CrmLink(string Account, string Object, string Grain, string? CrmId);

/// <summary>A message or command that was given up on.</summary>
/// <param name="Queue"><c>turns</c> for messages, <c>crm_api_failed_jobs</c> for commands.</param>
/// <param name="Resolution"><c>retried</c> or <c>discarded</c>; null while it is open.</param>
public sealed record DeadLetter(long Id, string Queue, string Grain, string Kind, Guid? EventId, string Error, string? Resolution);

/// <summary>What was put before a person.</summary>
public sealed record Review(string Workspace, string Key, string Reason, Guid? EventId, bool IsOpen);

/// <summary>A workspace's configuration as it was in force.</summary>
public sealed record ConfigurationText(string Workspace, string Body);
