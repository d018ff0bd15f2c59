using System.Globalization;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>crm</c> and <c>pipelines</c>.</summary>
internal static class CrmReader
{
    private static readonly IReadOnlyList<string> Kinds = ["hubspot"];

    /// <summary>By object: the contract names that it may be told, and the one that it can't be found or made without.</summary>
    private static readonly Dictionary<string, (IReadOnlyList<string> Known, string Needed)> FieldsOf = new()
    {
        [CrmObject.Contact] = (CustomerFields.OfContact, "email"),
        [CrmObject.Company] = (CustomerFields.OfCompany, "company_domain"),
        [CrmObject.Deal] = (["deal_name", .. CustomerFields.OfDeal], "deal_name"),
    };

    public static CrmAccountConfiguration? Read(Value? value)
    {
        if (value is null)
            return null;
        var crm = value.Section(["account", "kind", "url", "token", "fields"], ["limits"]);
        var limits = crm["limits"]?.Section([], ["general", "search"]);
        var account = new CrmAccountConfiguration
        {
            Name = crm["account"]?.Name() ?? "",
            Kind = crm["kind"]?.OneOf(Kinds, "the kind of CRM") ?? "",
            Url = crm["url"] is { } url ? Address(url) ?? "" : "",
            Token = crm["token"] is { } token ? Secret(token) ?? "" : "",
            Fields = crm["fields"] is { } fields ? Fields(fields) : new Dictionary<string, IReadOnlyDictionary<string, string>>(),
        };
        return account with
        {
            General = limits?["general"] is { } general ? Limit(general) ?? account.General : account.General,
            Search = limits?["search"] is { } search ? Limit(search) ?? account.Search : account.Search,
        };
    }

    public static IReadOnlyDictionary<string, PipelineConfiguration> Pipelines(Value? pipelines) =>
        pipelines?.Named(entry => Pipeline(entry.Value)) ?? new Dictionary<string, PipelineConfiguration>();

    /// <summary>A reference to a secret. A fault never shows what stands there: it may be the secret.</summary>
    public static string? Secret(Value value) => value.Line() is not { } text ? null
        : SecretReference.Parse(text) is { Default: null } ? text
        : value.Wrong<string>("must be a reference, `env:NAME` or `file:/path`, never the secret itself. If it is one, replace the secret: it was written to a file");

    public static string? Address(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        var address = SecretReference.Parse(text) is { } reference ? reference.Default : text;
        return address is null || Addresses.IsAddress(address) ? text
            : value.Wrong<string>("must be an http or https address without user and password, or a reference to one with or without a default, `env:NAME|https://...`");
    }

    public static RateLimit? Limit(Value value)
    {
        if (value.Line() is not { } text)
            return null;
        return text.Split(' ') is [var calls, "per", var per]
            && int.TryParse(calls, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is > 0 and <= 100_000
            && Durations.Parse(per) is { } duration
            && duration >= TimeSpan.FromSeconds(1)
            && duration <= TimeSpan.FromDays(1)
            ? new RateLimit(count, duration)
            : value.Wrong<RateLimit>("must be a limit such as `190 per 10s`: 1 to 100000 calls in 1s to 1d");
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> Fields(Value value)
    {
        var objects = value.Section([CrmObject.Contact], [.. FieldsOf.Keys.Except([CrmObject.Contact])]);
        var fields = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (name, (known, needed)) in FieldsOf)
        {
            if (objects[name] is { } map)
                fields[name] = Properties(map, known, needed);
        }

        return fields;
    }

    private static Dictionary<string, string> Properties(Value value, IReadOnlyList<string> known, string needed)
    {
        var map = value.Section([needed], [.. known.Except([needed])]);
        var properties = new Dictionary<string, string>();
        var takenBy = new Dictionary<string, string>();
        foreach (var field in known)
        {
            if (map[field] is not { } target || target.Line() is not { } text)
                continue;

            // A full name may go into two properties, first and last name.
            var parts = text.Split(' ');
            if (parts.Length > (field == "full_name" ? 2 : 1) || !parts.All(Syntax.IsProperty))
                target.Fault(field == "full_name"
                    ? "It must be the name of a property of the CRM, or of two with a space between them for first and last name."
                    : "It must be the name of a property of the CRM.");
            foreach (var part in parts)
            {
                if (!takenBy.TryAdd(part, field))
                    target.Fault($"The property `{Value.Clipped(part)}` is written by `{takenBy[part]}` too. One field only may write it.");
            }

            properties[field] = text;
        }

        return properties;
    }

    private static PipelineConfiguration Pipeline(Value value)
    {
        var section = value.Section(["id", "stage"], ["move_from", "reopen_from"]);
        var stage = section["stage"]?.Line() ?? "";
        var moveFrom = section["move_from"]?.Distinct(item => item.Line()) ?? [];
        var reopenFrom = section["reopen_from"]?.Distinct(item => item.Line()) ?? [];
        if (moveFrom.Contains(stage))
            section["move_from"]?.Fault("It names the stage that deals are moved to. Take it out.");
        if (reopenFrom.Contains(stage))
            section["reopen_from"]?.Fault("It names the stage that deals are reopened into. Take it out.");
        foreach (var both in moveFrom.Intersect(reopenFrom))
            section["reopen_from"]?.Fault($"The stage `{Value.Clipped(both)}` is in `move_from` too, but a stage is either open or closed. Take it out of one.");
        return new PipelineConfiguration { Id = section["id"]?.Line() ?? "", Stage = stage, MoveFrom = moveFrom, ReopenFrom = reopenFrom };
    }
}
