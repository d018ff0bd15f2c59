using CrmGrains.Core.Decisions;
using CrmGrains.Runtime.Storage;
using Npgsql;

namespace CrmGrains.Intake.Loop;

/// <summary>What a source's <c>keep</c> rules do to a batch's events: some go on to their customers, of the others only the delivery stays.</summary>
internal sealed class Selection
{
    /// <summary>Outcome of a delivery that stays stored and nothing more.</summary>
    public const string KeptRaw = "kept_raw";

    /// <summary>Outcome of a delivery whose body will be removed soon.</summary>
    public const string Dropped = "dropped";

    private const string NoteSql = """
        WITH kept AS (DELETE FROM dropped_delivery WHERE event_id = ANY ($3))
        INSERT INTO dropped_delivery (event_id, workspace)
        SELECT event_id, workspace FROM unnest($1, $2) AS d (event_id, workspace) ORDER BY event_id
        ON CONFLICT (event_id) DO NOTHING
        """;

    private readonly List<Accepted> _dropped = [];
    private readonly List<Accepted> _replayed = [];
    private readonly List<Accepted> _selected = [];

    /// <summary>Decides about one event.</summary>
    /// <returns>The outcome of its delivery; null where it goes on to its customer.</returns>
    public string? Of(Accepted one)
    {
        // Counted when it came: a replay looks at the same event.
        if (one.Kept.Reason.Length > 0 && one.Replay is null)
            _selected.Add(one);
        if (one.Kept.As == KeepAs.Drop)
            _dropped.Add(one);
        else if (one.Replay is not null)
            _replayed.Add(one);
        return one.Kept.As switch { KeepAs.Raw => KeptRaw, KeepAs.Drop => Dropped, _ => null };
    }

    /// <summary>Notes whose bodies are to go, and takes that back of those which a replay keeps after all.</summary>
    public async Task NoteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_dropped.Count == 0 && _replayed.Count == 0)
            return;

        // Of a delivery with several events nothing is left only where none of them is kept.
        var dropped = _dropped.Where(one => one.Split?.IsDropped ?? true).DistinctBy(one => one.Message.EventId).ToList();
        var kept = _replayed.Concat(_dropped.Where(one => one.Replay is not null)).Select(one => one.Message.EventId)
            .Except(dropped.Select(one => one.Message.EventId)).ToList();
        await using var command = new NpgsqlCommand(NoteSql, connection);
        command.Parameters
            .Uuids(dropped.ConvertAll(one => one.Message.EventId))
            .Texts(dropped.ConvertAll(one => one.Message.Workspace))
            .Uuids(kept);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Counts what rules have decided.</summary>
    public void Count(IntakeMetrics metrics)
    {
        foreach (var one in _selected)
            metrics.Selected(one.Message.Workspace, one.Message.Source ?? "", one.Kept);
    }
}
