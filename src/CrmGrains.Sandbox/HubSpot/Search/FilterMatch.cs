using System.Globalization;
using System.Text.RegularExpressions;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Associations;
using CrmGrains.Sandbox.HubSpot.Properties;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.HubSpot.Search;

/// <summary>A filter made ready to be asked about many records.</summary>
internal sealed class FilterMatch
{
    private const string AssociationPrefix = "associations.";

    private static readonly char[] TokenEnds = [' ', '\t', '\r', '\n', '@', ',', ';', '/', '(', ')', '<', '>'];

    private static readonly string[] Operators =
    [
        "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN",
        "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
    ];

    private readonly SearchFilter _filter;
    private readonly PropertyDefinition? _property;
    private readonly ObjectType? _associated;
    private readonly HashSet<string> _values;
    private readonly Regex? _token;

    private FilterMatch(SearchFilter filter, PropertyDefinition? property, ObjectType? associated)
    {
        (_filter, _property, _associated) = (filter, property, associated);
        _values = [.. filter.Values ?? []];
        if (filter is not { Operator: "CONTAINS_TOKEN" or "NOT_CONTAINS_TOKEN", Value: { } wanted }) return;

        // An asterisk stands for any text within a token.
        const RegexOptions options = RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.Singleline;
        _token = new Regex($"^{Regex.Escape(wanted).Replace("\\*", ".*", StringComparison.Ordinal)}$", options, TimeSpan.FromSeconds(1));
    }

    /// <summary>Checks a filter; <paramref name="match"/> is null where there is an error, and only there.</summary>
    public static HubSpotError? Prepare(Account account, ObjectType type, SearchFilter filter, out FilterMatch? match)
    {
        match = null;
        if (!Operators.Contains(filter.Operator)) return HubSpotError.Validation($"Unknown operator {filter.Operator}.");
        if (filter.Operator is "IN" or "NOT_IN" && filter.Values is null or { Count: 0 })
            return HubSpotError.Validation($"Operator {filter.Operator} needs values.");
        if (filter.Operator is not ("IN" or "NOT_IN" or "HAS_PROPERTY" or "NOT_HAS_PROPERTY") && filter.Value is null)
            return HubSpotError.Validation($"Operator {filter.Operator} needs a value.");
        if (filter.Operator == "BETWEEN" && filter.HighValue is null) return HubSpotError.Validation("Operator BETWEEN needs a highValue.");

        if (filter.PropertyName.StartsWith(AssociationPrefix, StringComparison.Ordinal))
        {
            if (ObjectType.Find(filter.PropertyName[AssociationPrefix.Length..]) is not { } associated)
                return HubSpotError.Validation($"Unknown association {filter.PropertyName}.");
            match = new FilterMatch(filter, property: null, associated);
            return null;
        }

        if (account.Schema.Find(type, filter.PropertyName) is not { } property)
            return HubSpotError.InvalidProperties(
                [new PropertyProblem(filter.PropertyName, "PROPERTY_DOESNT_EXIST", $"Property \"{filter.PropertyName}\" does not exist")]);
        match = new FilterMatch(filter, property, associated: null);
        return null;
    }

    /// <param name="visibleAt">Associations made later are not seen yet.</param>
    public bool Matches(CrmRecord record, RecordVersion version, AssociationStore associations, DateTimeOffset visibleAt)
    {
        string[] values = _associated is not null
            ? [.. associations.Of(record.Key, _associated).Where(link => link.CreatedAt <= visibleAt).Select(link => link.To.Id)]
            : ValuesOf(version.Properties.GetValueOrDefault(_filter.PropertyName));

        return _filter.Operator switch
        {
            "HAS_PROPERTY" => values.Length > 0,
            "NOT_HAS_PROPERTY" => values.Length == 0,
            "EQ" => values.Any(IsEqual),
            "NEQ" => !values.Any(IsEqual),
            "IN" => values.Any(IsListed),
            "NOT_IN" => !values.Any(IsListed),
            "CONTAINS_TOKEN" => values.Any(HasToken),
            "NOT_CONTAINS_TOKEN" => !values.Any(HasToken),
            "BETWEEN" => values.Any(value => Compare(value, _filter.Value) >= 0 && Compare(value, _filter.HighValue) <= 0),
            "LT" => values.Any(value => Compare(value, _filter.Value) < 0),
            "LTE" => values.Any(value => Compare(value, _filter.Value) <= 0),
            "GT" => values.Any(value => Compare(value, _filter.Value) > 0),
            _ => values.Any(value => Compare(value, _filter.Value) >= 0),
        };
    }

    /// <summary>Orders two values of a property by what they mean: numbers, instants or text.</summary>
    public static int Compare(PropertyDefinition? property, string left, string right) => property?.Type switch
    {
        "number" when decimal.TryParse(left, NumberStyles.Float, CultureInfo.InvariantCulture, out var a)
            && decimal.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out var b) => a.CompareTo(b),
        "date" or "datetime" when PropertyRules.TryParseInstant(left, out var a)
            && PropertyRules.TryParseInstant(right, out var b) => a.CompareTo(b),
        _ => string.Compare(left, right, StringComparison.OrdinalIgnoreCase),
    };

    // A property of several values matches by any of them.
    private string[] ValuesOf(string? value) => value switch
    {
        null => [],
        _ when _property is { FieldType: "checkbox" } or { Name: "hs_additional_domains" or "hs_additional_emails" } =>
            value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        _ => [value],
    };

    private int Compare(string value, string? other) => Compare(_property, value, other ?? "");

    private bool IsEqual(string value) => Compare(value, _filter.Value) == 0;

    // Text is indexed in lower case and the values of IN are taken as they are, so an upper-case one finds nothing.
    private bool IsListed(string value) => _values.Contains(_property?.Type == "string" ? value.ToLowerInvariant() : value);

    private bool HasToken(string value) =>
        _token is not null
        && value.Split(TokenEnds, StringSplitOptions.RemoveEmptyEntries).Append(value).Any(token => _token.IsMatch(token));
}
