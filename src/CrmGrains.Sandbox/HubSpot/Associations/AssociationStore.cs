using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.HubSpot.Associations;

/// <summary>That a record is associated with <see cref="To"/>, and in which ways.</summary>
internal sealed record AssociationLink(RecordKey To, IReadOnlyList<AssociationType> Types, DateTimeOffset CreatedAt);

/// <summary>
/// Every association, kept in both directions so that either end finds the other. Guarded by the account's gate.
/// </summary>
internal sealed class AssociationStore(Revision revision, EffectLog effects)
{
    private readonly Dictionary<RecordKey, Dictionary<RecordKey, AssociationLink>> _links = [];

    /// <summary>The records of one type that a record is associated with, in the order of their ids.</summary>
    public IEnumerable<AssociationLink> Of(RecordKey from, ObjectType to) =>
        _links.TryGetValue(from, out var links)
            ? links.Values.Where(link => link.To.Type == to).OrderBy(link => long.Parse(link.To.Id))
            : [];

    public AssociationLink? Find(RecordKey from, RecordKey to) =>
        _links.TryGetValue(from, out var links) ? links.GetValueOrDefault(to) : null;

    /// <summary>Each associated pair in both directions.</summary>
    public IEnumerable<(RecordKey From, AssociationLink Link)> All =>
        from links in _links
        from link in links.Value.Values
        select (links.Key, link);

    /// <summary>Each associated pair once.</summary>
    public IEnumerable<(RecordKey From, AssociationLink Link)> Pairs() => All.Where(pair => IsTold(pair.From, pair.Link));

    /// <summary>Whether this is the direction in which a pair is told where it is told once.</summary>
    public static bool IsTold(RecordKey from, AssociationLink link) => from.Type == link.To.Type
        ? long.Parse(from.Id) <= long.Parse(link.To.Id)
        : AssociationType.IsCanonical(from.Type, link.To.Type);

    /// <summary>Adds types to a pair. Repeating it is harmless.</summary>
    public void Add(RecordKey from, RecordKey to, IEnumerable<AssociationType> types, DateTimeOffset now)
    {
        var known = Find(from, to)?.Types ?? [];
        Set(from, to, [.. known.Concat(types).Distinct()], now);
    }

    /// <summary>Replaces the labels of a pair; the default type is always kept.</summary>
    public void SetLabels(RecordKey from, RecordKey to, IEnumerable<AssociationType> types, DateTimeOffset now) =>
        Set(from, to, [.. types.Distinct()], now);

    /// <summary>Takes types from a pair. Taking the default one takes all.</summary>
    public void Remove(RecordKey from, RecordKey to, IReadOnlyList<AssociationType> types, DateTimeOffset now)
    {
        if (Find(from, to) is not { } link) return;
        if (types.Any(type => type.IsDefault)) Remove(from, to);
        else Set(from, to, [.. link.Types.Except(types)], now);
    }

    public void Remove(RecordKey from, RecordKey to)
    {
        revision.Advance();
        if (_links.TryGetValue(from, out var links)) links.Remove(to);
        if (_links.TryGetValue(to, out var reverse)) reverse.Remove(from);
    }

    public void RemoveAll(RecordKey record)
    {
        if (!_links.Remove(record, out var links)) return;
        revision.Advance();
        foreach (var to in links.Keys)
            if (_links.TryGetValue(to, out var reverse)) reverse.Remove(record);
    }

    public void Clear()
    {
        revision.Advance();
        _links.Clear();
    }

    /// <summary>Puts a pair as given, and what follows from it in the other direction.</summary>
    public void Put(RecordKey from, AssociationLink link)
    {
        PutOneWay(from, link);
        if (from != link.To)
            PutOneWay(link.To, new AssociationLink(from, [.. link.Types.Select(Reverse).OrderBy(type => type.Id)], link.CreatedAt));
    }

    private void Set(RecordKey from, RecordKey to, IReadOnlyList<AssociationType> types, DateTimeOffset now)
    {
        if (types.Any(type => type.IsPrimary)) RemovePrimary(from, to, now);
        var all = types.Concat([.. AssociationType.Between(from.Type, to.Type).Where(type => type.IsDefault)])
            .Distinct().OrderBy(type => type.Id).ToList();
        var known = Find(from, to);
        Put(from, new AssociationLink(to, all, known?.CreatedAt ?? now));
        if (known is null) effects.Associated(from.Type.Singular, from.Id, to.Type.Singular, to.Id, now);
    }

    /// <summary>A record has one primary company: the new one takes over, the former stays associated.</summary>
    private void RemovePrimary(RecordKey from, RecordKey to, DateTimeOffset now)
    {
        var (owner, company) = to.Type == ObjectType.Companies ? (from, to) : (to, from);
        foreach (var link in Of(owner, ObjectType.Companies).Where(link => link.To != company && link.Types.Any(t => t.IsPrimary)).ToList())
            Set(owner, link.To, [.. link.Types.Where(type => !type.IsPrimary)], now);
    }

    private void PutOneWay(RecordKey from, AssociationLink link)
    {
        revision.Advance();
        if (!_links.TryGetValue(from, out var links)) _links.Add(from, links = []);
        links[link.To] = link;
    }

    private static AssociationType Reverse(AssociationType type) =>
        AssociationType.Find(type.To, type.ReverseId)
        ?? throw new InvalidOperationException($"Association type {type.Id} has no reverse {type.ReverseId}.");
}
