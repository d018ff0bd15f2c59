using System.Text.Json;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>How a batch writes: the last part of its path.</summary>
internal enum WriteKind
{
    /// <summary>Not to be repeated blindly.</summary>
    Create,

    /// <summary>By id; repeating it is harmless.</summary>
    Update,

    /// <summary>By our own unique key; repeating it is harmless.</summary>
    Upsert,
}

/// <summary>One record to write.</summary>
/// <param name="Write">What it is written for.</param>
/// <param name="Id">The record's id for an update, our key for an upsert, null for a create.</param>
/// <param name="Properties">What it shall say.</param>
internal sealed record Row(Write Write, string? Id, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>What the outcome calls it where it succeeds.</summary>
    public string Action { get; init; } = "updated";

    /// <summary>How the wanted owner was found.</summary>
    public string? OwnerStatus { get; init; }

    /// <summary>What a record to create is attached to.</summary>
    public IReadOnlyList<AssociationInput>? Associations { get; init; }

    /// <summary>The record as it was read before it is written; null where it wasn't, or there is none.</summary>
    public CrmRecord? Prior { get; init; }

    /// <summary>What the contract calls its properties; null: as HubSpot does.</summary>
    public FieldMap? Map { get; init; }

    /// <summary>The records that it is attached to, each as <c>object:id</c>.</summary>
    public IReadOnlyList<string>? Links { get; init; }
}

/// <summary>A row and what became of it: the record as it is now, or why there is none.</summary>
internal readonly record struct Judged(Row Row, CrmRecord? Record, Failure? Failure)
{
    /// <summary>What became of its write.</summary>
    public WriteOutcome Outcome
    {
        get
        {
            if (Record is not { } record)
                return (Failure ?? HubSpotErrors.Unmentioned).For(Row.Write);
            var (before, after) = Images.Of(Row, record);
            return new WriteOutcome.Succeeded(record.Id, record.New == true ? "created" : Row.Action, Row.OwnerStatus, record.Raw)
            {
                EffectKey = Row.Write.EffectKey, Before = before, After = after,
            };
        }
    }
}

/// <summary>
/// Writes records, and judges each by itself: by its trace id, its id or its key and never by position, whatever the status says.
/// Where HubSpot refuses a batch as a whole, the row that is to blame is looked for by halves, and the others go without it.
/// </summary>
internal sealed class BatchWrites(HubSpotHttp http, ICallLog log)
{
    /// <summary>Our own unique property: the text of the grain's id.</summary>
    public const string KeyProperty = "crmgrains_key";

    /// <summary>Which write touched a record last: its effect key.</summary>
    public const string EffectProperty = "crmgrains_effect";

    private const int MostRecords = 100;

    /// <summary>Writes rows, in as many calls as their number takes; rows of one record one after the other.</summary>
    public async Task<IReadOnlyList<Judged>> SendAsync(
        string type, WriteKind kind, IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        var judged = new List<Judged>(rows.Count);
        foreach (var wave in Waves(rows))
        {
            var parts = await Task.WhenAll(wave.Chunk(MostRecords).Select(part => SendPartAsync(type, kind, part, cancellationToken)));
            judged.AddRange(parts.SelectMany(part => part));
        }

        return judged;
    }

    /// <summary>No record may be in a batch twice: HubSpot refuses it, and would not say which word is the last.</summary>
    private static IEnumerable<IReadOnlyList<Row>> Waves(IReadOnlyList<Row> rows) => rows
        .GroupBy(row => row.Id ?? row.Write.EffectKey)
        .SelectMany(same => same.Select((row, wave) => (row, wave)))
        .GroupBy(pair => pair.wave, pair => pair.row)
        .OrderBy(wave => wave.Key)
        .Select(wave => wave.ToList());

    private async Task<List<Judged>> SendPartAsync(string type, WriteKind kind, Row[] rows, CancellationToken cancellationToken)
    {
        var judged = new List<Judged>(rows.Length);
        var parts = new Stack<Row[]>([rows]);

        // Four bad rows of a hundred can be found; where there are more, the rest comes again, and is then in other company.
        var callsLeft = 1 + (8 * (int)Math.Ceiling(Math.Log2(rows.Length + 1)));
        while (parts.TryPop(out var part))
        {
            if (callsLeft-- == 0)
            {
                var rest = parts.SelectMany(open => open).Concat(part);
                var refusal = new Failure(FailureClass.Retryable, "batch_refused", "Too many rows of the batch are bad.");
                judged.AddRange(rest.Select(row => new Judged(row, null, refusal)));
                break;
            }

            var answer = await http.SendAsync(Call(type, kind, part), log, cancellationToken);
            if (answer.Failure is null)
                judged.AddRange(Judge(kind, part, answer));
            else if (answer.Failure.IsAboutARow && part.Length > 1)
                Split(part, answer.Failure, parts, judged);
            else
                judged.AddRange(part.Select(row => new Judged(row, null, answer.Failure)));
        }

        return judged;
    }

    private static void Split(Row[] part, Failure refusal, Stack<Row[]> parts, List<Judged> judged)
    {
        // A property that isn't there fails every row that has it: no need to look for them one by one.
        var blamed = refusal.MissingProperty is { } property ? part.Where(row => row.Properties.ContainsKey(property)).ToList() : [];
        if (blamed.Count > 0)
        {
            judged.AddRange(blamed.Select(row => new Judged(row, null, refusal)));
            if (part.Except(blamed).ToArray() is { Length: > 0 } others)
                parts.Push(others);
            return;
        }

        parts.Push(part[(part.Length / 2)..]);
        parts.Push(part[..(part.Length / 2)]);
    }

    private static HubSpotCall Call(string type, WriteKind kind, Row[] rows)
    {
        var inputs = rows.Select((row, index) => new WriteInput(
            TraceId(index), row.Id, kind == WriteKind.Upsert ? KeyProperty : null, row.Properties, row.Associations));
        var path = $"/crm/objects/{HubSpotPaths.Version}/{type}/batch/{kind.ToString().ToLowerInvariant()}";
        var body = JsonSerializer.SerializeToUtf8Bytes(new WriteBody([.. inputs]), HubSpotJson.Readable.WriteBody);
        return new HubSpotCall(HttpMethod.Post, path, body, [.. rows.Select(row => row.Write.EffectKey)]) { IsWrite = true };
    }

    private static string TraceId(int index) => $"row-{index}";

    private static IEnumerable<Judged> Judge(WriteKind kind, Row[] rows, Answer answer)
    {
        var outcomes = new Judged?[rows.Length];
        var byTrace = Enumerable.Range(0, rows.Length).ToDictionary(TraceId);
        var byId = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < rows.Length; index++)
        {
            if (rows[index].Id is { } id)
                byId.TryAdd(id, index);
        }

        int? IndexOf(string? trace, IEnumerable<string?> ids) =>
            trace is not null && byTrace.TryGetValue(trace, out var traced) ? traced
            : ids.OfType<string>().Where(byId.ContainsKey).Select(id => (int?)byId[id]).FirstOrDefault();

        foreach (var record in answer.Rows(HubSpotRows.Record))
        {
            var named = kind == WriteKind.Upsert ? record[KeyProperty] : record.Id;
            if (IndexOf(record.ObjectWriteTraceId, [named]) is { } index)
                outcomes[index] = new Judged(
                    kind == WriteKind.Create ? rows[index] with { Action = "created" } : rows[index], record, null);
        }

        var unnamed = new List<Failure>();
        foreach (var error in answer.Body.Errors ?? [])
        {
            var failure = HubSpotErrors.OfRow(error);
            if (IndexOf(error.InContext("objectWriteTraceId").FirstOrDefault(), error.InContext("ids")) is not { } index)
                unnamed.Add(failure);
            else
                outcomes[index] ??= new Judged(rows[index], null, failure);
        }

        // An error without a name can only be meant for the one row that nothing else was said about.
        var silent = Enumerable.Range(0, rows.Length).Where(index => outcomes[index] is null).ToList();
        var meant = silent.Count == 1 && unnamed.Count == 1 ? unnamed[0] : HubSpotErrors.Unmentioned;
        return rows.Select((row, index) => outcomes[index] ?? new Judged(row, null, meant));
    }
}
