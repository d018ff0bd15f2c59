namespace CrmGrains.Sandbox.Calls;

/// <summary>One thing that was carried out, whatever its caller was answered.</summary>
/// <param name="Number">From 1, in the order in which it was done; a gap is what was forgotten.</param>
/// <param name="Effect">
/// <c>created</c> or <c>archived</c> for a record, <c>associated</c> for a pair that wasn't associated before, <c>delivered</c> for a mail, a
/// notice or a webhook call.
/// </param>
/// <param name="Type">In the singular, as a pair's.</param>
/// <param name="Keys">Of a record that was created: the properties by which it would be found again; of a long text the end.</param>
internal sealed record CarriedOut(
    long Number,
    DateTimeOffset Time,
    string Effect,
    string Type,
    string Id,
    string? ToType = null,
    string? ToId = null,
    IReadOnlyDictionary<string, string>? Keys = null);

/// <summary>
/// Remembers what was carried out, the latest of it. The records show what there is; this shows what was done twice and undone, or done
/// although nobody was told.
/// </summary>
internal sealed class EffectLog
{
    public const int Capacity = 200_000;

    private const int MostCharacters = 500;

    private static readonly string[] KeyProperties = ["email", "domain", "dealname", "pipeline", "subject", "hs_note_body", "hs_task_body"];

    private readonly Lock _gate = new();
    private readonly Queue<CarriedOut> _latest = new();
    private long _number;

    public void Created(string type, string id, IReadOnlyDictionary<string, string> properties, DateTimeOffset now) =>
        Add(number => new CarriedOut(number, now, "created", type, id, Keys: KeysOf(properties)));

    public void Archived(string type, string id, DateTimeOffset now) => Add(number => new CarriedOut(number, now, "archived", type, id));

    public void Associated(string fromType, string fromId, string toType, string toId, DateTimeOffset now) =>
        Add(number => new CarriedOut(number, now, "associated", fromType, fromId, toType, toId));

    /// <summary>A message came in on a channel.</summary>
    /// <param name="type"><c>mail</c>, <c>notice</c> or <c>webhook</c>.</param>
    /// <param name="id">The Message-ID, the hook or the call's id.</param>
    public void Delivered(string type, string id, string key, DateTimeOffset now) =>
        Add(number => new CarriedOut(number, now, "delivered", type, id, Keys: new Dictionary<string, string> { ["key"] = EndOf(key) }));

    /// <summary>What was done after a number, oldest first.</summary>
    public IReadOnlyList<CarriedOut> After(long number, int limit)
    {
        lock (_gate)
        {
            var forgotten = _number - _latest.Count;
            return [.. _latest.Skip((int)Math.Clamp(number - forgotten, 0, _latest.Count)).Take(limit)];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _latest.Clear();
            _number = 0;
        }
    }

    private void Add(Func<long, CarriedOut> make)
    {
        lock (_gate)
        {
            if (_latest.Count == Capacity) _latest.Dequeue();
            _latest.Enqueue(make(++_number));
        }
    }

    private static Dictionary<string, string> KeysOf(IReadOnlyDictionary<string, string> properties) => KeyProperties
        .Where(properties.ContainsKey)
        .ToDictionary(name => name, name => EndOf(properties[name]));

    private static string EndOf(string text) => text.Length > MostCharacters ? text[^MostCharacters..] : text;
}
