using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.HubSpot.Answers;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>
/// The rows of one batch: planned one by one, then committed together. Where the batch is not partial, the first row that
/// was refused is the whole answer and nothing is written.
/// </summary>
internal sealed class BatchWrite(Account account, ObjectType type, bool isPartial, CallRecord call)
{
    private readonly List<(RecordDraft Draft, string? TraceId)> _drafts = [];
    private readonly List<ErrorBody> _errors = [];
    private HubSpotError? _firstRefusal;
    private int _rows;

    public RecordWriter Writer { get; } = new(account, type);

    /// <summary>Takes a row that was planned, or the reason why it was refused.</summary>
    /// <param name="traceId">Names the row in an error; where it has none, its id does.</param>
    public void Add(HubSpotError? refused, RecordDraft draft, string? traceId, string? id)
    {
        // A fault can refuse every second row, whatever the batch would have allowed.
        if (_rows++ % 2 == 0 && call.PartialFault is { } fault) _errors.Add(fault.AsRow(NameOf(traceId, id)));
        else if (refused is null) _drafts.Add((draft, traceId));
        else Refuse(refused, traceId, id);
    }

    /// <summary>Leaves out a row whose record is missing, which never fails the others.</summary>
    public void Skip(HubSpotError missing, string? traceId, string id)
    {
        _rows++;
        _errors.Add(missing.AsRow(HubSpotError.Named("ids", id).Concat(traceId is null ? [] : NameOf(traceId, id))
            .ToDictionary(pair => pair.Key, pair => pair.Value)));
    }

    public IResult Commit(int status = StatusCodes.Status200OK, bool tellsNew = false)
    {
        if (_firstRefusal is not null) return _firstRefusal;

        var results = new List<RecordBody>(_drafts.Count);
        foreach (var (draft, traceId) in _drafts)
        {
            var record = Writer.Commit(draft);
            call.Wrote(record.Id);
            results.Add(RecordBody.Whole(record) with
            {
                ObjectWriteTraceId = traceId,
                New = tellsNew ? draft.Existing is null : null,
            });
        }

        return BatchAnswer.Of(results, _errors, account.Now(), status);
    }

    private void Refuse(HubSpotError refused, string? traceId, string? id)
    {
        if (isPartial) _errors.Add(refused.AsRow(NameOf(traceId, id)));
        else _firstRefusal ??= refused;
    }

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> NameOf(string? traceId, string? id) =>
        traceId is not null ? HubSpotError.Named("objectWriteTraceId", traceId)
        : id is not null ? HubSpotError.Named("ids", id)
        : HubSpotError.Named("ids");
}
