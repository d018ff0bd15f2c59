using System.Text.Json;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Properties;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.HubSpot.Search;

/// <summary>Search, which shows what records looked like a moment ago.</summary>
internal static class SearchEndpoints
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 200;
    private const int MaxResults = 10_000;
    private const int MaxGroups = 5;
    private const int MaxFiltersInGroup = 6;
    private const int MaxFilters = 18;
    private const int MaxQueryLength = 3_000;

    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "objects", "v3"))
            group.MapPost("/{type}/search", Search).WithMetadata(new CountsAsSearch());
    }

    private static IResult Search(ObjectType type, SearchInput body, Account account)
    {
        if (CheckLimits(body, out var start, out var limit) is { } refused) return refused;
        lock (account.Gate)
        {
            if (Prepare(account, type, body, out var groups) is { } invalid) return invalid;
            if (ReadSort(account, type, body, out var sort) is { } unsortable) return unsortable;

            var visibleAt = account.Now() - account.SearchLag;
            var found = account[type].Live
                .Select(record => (Record: record, Version: record.VersionAt(visibleAt)))
                .Where(pair => pair.Version is not null)
                .Select(pair => (pair.Record, Version: pair.Version ?? pair.Record.Current))
                .Where(pair => groups.Count == 0
                    || groups.Exists(group => group.TrueForAll(filter =>
                        filter.Matches(pair.Record, pair.Version, account.Associations, visibleAt))))
                .Where(pair => MatchesQuery(type, pair.Version, body.Query))
                .ToList();
            if (sort is var (property, isDescending)) found = Sort(found, property, isDescending);

            var results = found.Skip(start).Take(limit)
                .Select(pair => RecordBody.Shown(pair.Record, pair.Version, body.Properties ?? [], account.Schema))
                .ToList();
            var next = start + results.Count;
            return TypedResults.Ok(new Page<RecordBody>(
                results, next < Math.Min(found.Count, MaxResults) ? new Paging(new NextPage(next.ToString())) : null, found.Count));
        }
    }

    private static HubSpotError? CheckLimits(SearchInput body, out int start, out int limit)
    {
        (start, limit) = (0, body.Limit ?? DefaultLimit);
        if (limit is < 1 or > MaxLimit) return HubSpotError.Validation($"limit must be between 1 and {MaxLimit}.");
        if (!string.IsNullOrEmpty(body.After) && (!int.TryParse(body.After, out start) || start < 0))
            return HubSpotError.Validation($"after must be a whole number, not '{body.After}'.");
        if ((long)start + limit > MaxResults) return HubSpotError.Validation($"A search shows its first {MaxResults} results only.");
        if (body.Query?.Length > MaxQueryLength) return HubSpotError.Validation($"query may have {MaxQueryLength} characters.");

        var groups = body.FilterGroups ?? [];
        if (groups.Count > MaxGroups) return HubSpotError.Validation($"A search may have {MaxGroups} filterGroups.");
        if (groups.Any(group => group.Filters.Count > MaxFiltersInGroup))
            return HubSpotError.Validation($"A filterGroup may have {MaxFiltersInGroup} filters.");
        if (groups.Sum(group => group.Filters.Count) > MaxFilters) return HubSpotError.Validation($"A search may have {MaxFilters} filters.");
        return body.Sorts?.Count > 1 ? HubSpotError.Validation("A search may have one sort.") : null;
    }

    private static HubSpotError? Prepare(Account account, ObjectType type, SearchInput body, out List<List<FilterMatch>> groups)
    {
        groups = [];
        foreach (var group in body.FilterGroups ?? [])
        {
            var filters = new List<FilterMatch>();
            foreach (var filter in group.Filters)
            {
                if (FilterMatch.Prepare(account, type, filter, out var match) is { } invalid) return invalid;
                if (match is not null) filters.Add(match);
            }

            groups.Add(filters);
        }

        return null;
    }

    private static HubSpotError? ReadSort(
        Account account, ObjectType type, SearchInput body, out (PropertyDefinition Property, bool IsDescending)? sort)
    {
        sort = null;
        if (body.Sorts is null or { Count: 0 }) return null;

        var (name, isDescending) = body.Sorts[0] switch
        {
            { ValueKind: JsonValueKind.String } text => (text.GetString()?.TrimStart('-'), text.GetString()?.StartsWith('-') == true),
            { ValueKind: JsonValueKind.Object } sent when sent.TryGetProperty("propertyName", out var propertyName) =>
                (propertyName.ToString(), sent.TryGetProperty("direction", out var direction) && direction.ToString() == "DESCENDING"),
            _ => (null, false),
        };
        if (name is null || account.Schema.Find(type, name) is not { } property)
            return HubSpotError.Validation($"Cannot sort by '{name}'.");
        sort = (property, isDescending);
        return null;
    }

    private static List<(CrmRecord Record, RecordVersion Version)> Sort(
        List<(CrmRecord Record, RecordVersion Version)> found, PropertyDefinition property, bool isDescending)
    {
        var byValue = Comparer<string?>.Create((a, b) => FilterMatch.Compare(property, a ?? "", b ?? ""));
        string? ValueOf((CrmRecord Record, RecordVersion Version) pair) => pair.Version.Properties.GetValueOrDefault(property.Name);
        return [.. isDescending ? found.OrderByDescending(ValueOf, byValue) : found.OrderBy(ValueOf, byValue)];
    }

    /// <summary>Text search looks at what a read shows by default, and at the phone number.</summary>
    private static bool MatchesQuery(ObjectType type, RecordVersion version, string? query) =>
        string.IsNullOrWhiteSpace(query)
        || type.DefaultProperties.Append("phone").Any(name =>
            version.Properties.GetValueOrDefault(name)?.Contains(query.Trim(), StringComparison.OrdinalIgnoreCase) == true);
}
