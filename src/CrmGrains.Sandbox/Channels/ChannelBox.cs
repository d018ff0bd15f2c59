using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrmGrains.Sandbox.Channels;

/// <summary>A mail that was taken.</summary>
/// <param name="Number">From 1, in the order in which they came.</param>
/// <param name="From">The envelope's sender.</param>
/// <param name="To">The envelope's receivers.</param>
/// <param name="Id">The Message-ID.</param>
/// <param name="Headers">As they stand, decoded; the last of a name.</param>
internal sealed record TakenMail(
    long Number,
    DateTimeOffset Time,
    string From,
    IReadOnlyList<string> To,
    string? Id,
    string? Subject,
    string? Text,
    string? Html,
    IReadOnlyDictionary<string, string> Headers);

/// <summary>A notice that was posted.</summary>
internal sealed record PostedNotice(long Number, DateTimeOffset Time, string Hook, string Text);

/// <summary>A webhook call that was taken, by its id.</summary>
/// <param name="Repeats">How often it came again.</param>
internal sealed record TakenWebhook(
    long Number, DateTimeOffset Time, string Receiver, string Id, string? Type, JsonElement Body, [property: JsonPropertyName("repeats")] int Repeats);

/// <summary>What came in by mail, notice and webhook, the latest of each. Like calls it is forgotten when the sandbox stops.</summary>
internal sealed class ChannelBox
{
    public const int Capacity = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<TakenMail> _mails = [];
    private readonly Queue<PostedNotice> _notices = [];
    private readonly Dictionary<(string Receiver, string Id), TakenWebhook> _webhooks = [];
    private readonly Queue<(string Receiver, string Id)> _order = [];
    private long _number;

    public IReadOnlyList<TakenMail> Mails
    {
        get
        {
            lock (_gate) return [.. _mails];
        }
    }

    public IReadOnlyList<PostedNotice> Notices
    {
        get
        {
            lock (_gate) return [.. _notices];
        }
    }

    public IReadOnlyList<TakenWebhook> Webhooks
    {
        get
        {
            lock (_gate) return [.. _order.Select(key => _webhooks[key])];
        }
    }

    public void Add(Func<long, TakenMail> make)
    {
        lock (_gate) Keep(_mails, make(++_number));
    }

    public void Add(Func<long, PostedNotice> make)
    {
        lock (_gate) Keep(_notices, make(++_number));
    }

    /// <summary>Takes a call in; one whose id is known is counted only.</summary>
    /// <returns>Whether it was new.</returns>
    public bool Add(string receiver, string id, Func<long, TakenWebhook> make)
    {
        lock (_gate)
        {
            if (_webhooks.TryGetValue((receiver, id), out var known))
            {
                _webhooks[(receiver, id)] = known with { Repeats = known.Repeats + 1 };
                return false;
            }

            if (_order.Count == Capacity) _webhooks.Remove(_order.Dequeue());
            _order.Enqueue((receiver, id));
            _webhooks.Add((receiver, id), make(++_number));
            return true;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _mails.Clear();
            _notices.Clear();
            _webhooks.Clear();
            _order.Clear();
            _number = 0;
        }
    }

    private static void Keep<T>(Queue<T> latest, T item)
    {
        if (latest.Count == Capacity) latest.Dequeue();
        latest.Enqueue(item);
    }
}
