using System.Collections.Concurrent;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Replays;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Storage;
using CrmGrains.Runtime.Turns;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CrmGrains.Intake.Drift;

/// <summary>Knows what each source's payloads look like and holds deliveries that its map would lose something of. See the folder's README.</summary>
public sealed class DriftSentinel(IWorkspaces workspaces, IOptions<DriftOptions> options)
{
    private readonly ConcurrentDictionary<(string Workspace, string Source), SourceWatch> _watches = new();

    /// <summary>What this process watches.</summary>
    internal IEnumerable<SourceWatch> Watches => _watches.Values;

    /// <summary>Gets ready for a batch: what is stored of a source is read once in a process's life.</summary>
    internal async Task<DriftBatch> BeginAsync(TurnBatch batch, CancellationToken cancellationToken)
    {
        var last = -1;
        foreach (var message in batch.Messages)
        {
            if (message.Partition == last)
                continue;
            last = message.Partition;
            if (message.Source is { } name && workspaces.Find(message.Workspace)?.Sources.GetValueOrDefault(name) is { } source)
                await WatchAsync(batch.Transaction.Connection, message, source, cancellationToken);
        }

        return new DriftBatch(this);
    }

    /// <summary>The watch of a source as it is configured; null where its batch began under another configuration.</summary>
    internal SourceWatch? Of(string workspace, SourceConfiguration source) =>
        _watches.TryGetValue((workspace, source.Name), out var watch) && ReferenceEquals(watch.Configuration, source) ? watch : null;

    private async Task WatchAsync(
        NpgsqlConnection connection, MailboxMessage message, SourceConfiguration source, CancellationToken cancellationToken)
    {
        if (Of(message.Workspace, source) is not null)
            return;
        var mapped = MappedPaths.Of(source);
        var watch = new SourceWatch(message.Workspace, source, message.Partition, mapped, options.Value);
        await DriftStore.LoadAsync(connection, watch, cancellationToken);
        // A file that was changed elsewhere leaves the map as it was, and what was learned with it.
        if (_watches.TryGetValue((message.Workspace, source.Name), out var before) && before.Version == watch.Version)
            before.HandOver(watch);
        _watches[(message.Workspace, source.Name)] = watch;
    }
}

/// <summary>The deliveries of one batch, as the sentinel sees them. Many threads look at once.</summary>
internal sealed class DriftBatch(DriftSentinel sentinel)
{
    private readonly ConcurrentBag<DriftHold> _held = [];

    /// <summary>Why a delivery is held, for the ledger; null: it goes on.</summary>
    public IntakeDetail? Look(MailboxMessage message, string workspace, SourceConfiguration source, RawDelivery delivery)
    {
        // One that a person has let go was looked at before, and so was one that is replayed.
        if (message.Kind == ReplayedDelivery.Kind || message.Body.AsSpan().SequenceEqual(DriftStore.Released) || sentinel.Of(workspace, source) is not { } watch)
            return null;
        var changes = watch.Look(delivery);
        if (changes.Count == 0)
            return null;
        var breaking = changes.Where(change => change.IsBreaking).ToList();
        foreach (var change in changes.Where(change => !change.IsBreaking))
            watch.Note(change, delivery.EventId);
        if (breaking.Count == 0)
            return null;
        _held.Add(new DriftHold(watch, message.Id, delivery.EventId, breaking));
        return new IntakeDetail { Reason = $"The payload's shape changed: {string.Join(", ", breaking.Select(change => change.Name))}." };
    }

    /// <summary>Keeps what was held, in the batch's transaction, with the alert that tells of it.</summary>
    public Task KeepAsync(TurnBatch batch, CancellationToken cancellationToken) => _held.IsEmpty
        ? Task.CompletedTask
        : DriftStore.HoldAsync(batch.Transaction.Connection, [.. _held.OrderBy(held => held.MessageId)], cancellationToken);
}

/// <summary>A delivery that is held.</summary>
internal sealed record DriftHold(SourceWatch Watch, long MessageId, Guid EventId, IReadOnlyList<DriftChange> Changes);
