using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Host.Configuration.Schema;

/// <summary>
/// The published JSON Schema of a workspace file: a table for each section. A new section is a table here and its line in <see cref="Root"/>;
/// a test compares the keys of every table with those that the readers know.
/// </summary>
internal static class WorkspaceSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Shape.Text Name = new("lower-case letters, digits and `_`, a letter first", "^[a-z][a-z0-9_]{0,39}$");
    private static readonly Shape.Text Line = new();
    internal static readonly Shape.Text Duration = new("a number and s, m, h, d or y", "^[0-9]+[smhdy]$");
    internal static readonly Shape.Text Secret = new("a reference, env:NAME or file:/path, never the secret itself", "^(env:|file:/).+$");
    internal static readonly Shape.Text Address = new("an address, or a reference to one, with or without a default");
    private static readonly Shape.Text Email = new("the address of a user of the CRM", "^[^@ ]+@[^@ ]+$");
    private static readonly Shape.ListOf Lines = new(Line);
    private static readonly Shape.Defined When = new("condition");

    private static readonly Shape Verification = Keys(
        [("secrets", new Shape.ListOf(Secret))],
        [
            ("scheme", new Shape.Choice(SourceWords.Schemes)), ("tolerance", Duration), ("signing_secret", Secret), ("url", Address), ("header", Line),
            ("hash", new Shape.Choice(SourceWords.Hashes)), ("encoding", new Shape.Choice(SourceWords.Encodings)), ("prefix", Line), ("text", Line),
            ("timestamp_header", Line), ("timestamp_unit", new Shape.Choice(SourceWords.TimestampUnits)),
        ]);

    private static readonly Shape Expect = Keys(
        [],
        [("every", Duration), ("at_least", new Shape.Whole(1, 1_000_000)), ("per", Duration), ("between", Line), ("days", Line), ("time_zone", Line)]);

    private static readonly Shape Source = Keys(
        [("format", new Shape.Choice(SourceFormats.Names)), ("system", Name), ("verification", Verification)],
        [
            ("rank", new Shape.Whole(0, 1000)), ("paused", new Shape.Flag()), ("delivery_id", Keys([], [("header", Line), ("paths", Lines)])),
            ("event_type", Line), ("event_types", new Shape.MapOf(Line)), ("idempotency_key", Line), ("map", new Shape.MapOf(Line)),
            ("keep", new Shape.ListOf(Keys([("when", When), ("as", new Shape.Choice(["act", "context", "raw", "drop"]))], [("reason", Name)]))),
            ("expect", Expect), ("pull", Keys([("token", Secret)], [("url", Address)])),
        ]);

    private static readonly Shape Leads = Keys([], [("require_consent", new Shape.Flag()), ("budget_ranges", Lines), ("urgencies", Lines)]);

    private static readonly Shape Scoring = Keys(
        [("rules", new Shape.MapOf(Keys([("points", new Shape.Whole(-100, 100)), ("when", When)], [("fades_in", Duration)])))], [("start", new Shape.Whole(0, 100))]);

    private static readonly Shape Qualification = new Shape.ListOf(Keys([("status", Name), ("when", When)], []));

    private static readonly Shape Routing = new Shape.ListOf(Keys([("tier", Name), ("when", When)], [("pipeline", Line), ("owner_role", Line)]));

    private static readonly Shape.Keys Role = Keys(
        [("people", new Shape.ListOf(Keys(
            [("email", Email)],
            [
                ("capacity", new Shape.Whole(1, 200)), ("per", Duration), ("hours", Line), ("days", Line), ("time_zone", Line), ("absent", Lines),
            ])))],
        []);

    private static readonly Shape Pipelines = new Shape.MapOf(Keys([("id", Line), ("stage", Line)], [("move_from", Lines), ("reopen_from", Lines), ("stages", new Shape.MapOf(Keys([("id", Line)], [("to", Lines)])))]));

    private static readonly Shape Identity = Keys([], [("domain_aliases", new Shape.MapOf(Line)), ("plus_domains", Lines)]);

    private static readonly Shape Objects = Keys(
        [],
        [
            .. ObjectMap.Known.Select(name => (name, (Shape)Keys(
                [], [("with", new Shape.ListOf(new Shape.Choice(ObjectMap.Known))), ("owns", new Shape.ListOf(new Shape.Choice(ObjectMap.Matters)))]))),
        ]);

    private static readonly Shape Crm = Keys(
        [("account", Name), ("kind", new Shape.Choice(["hubspot"])), ("url", Address), ("token", Secret), ("fields", Keys(
            [(CrmObject.Contact, Fields("email", CustomerFields.OfContact))],
            [(CrmObject.Company, Fields("company_domain", CustomerFields.OfCompany)), (CrmObject.Deal, Fields("deal_name", CustomerFields.OfDeal))]))],
        [("limits", Keys([], [("general", Line), ("search", Line)]))]);

    private static readonly Shape Retention = Keys(
        [], [("raw", Duration), ("dropped", Duration), ("event", Duration), ("details", Duration), ("calls", Duration), ("commands", Duration)]);

    /// <summary>The whole file.</summary>
    public static Shape.Keys Root { get; } = Keys(
        [("workspace", new Shape.Text("the same as the file's name", "^[a-z][a-z0-9-]{0,39}$")), ("sources", new Shape.MapOf(Source))],
        [
            ("leads", Leads), ("scoring", Scoring), ("qualification", Qualification), ("routing", Routing), ("owners", new Shape.MapOf(new Shape.Either([Email, Role]))),
            ("pipelines", Pipelines), ("domain_aliases", new Shape.MapOf(Line)), ("identity", Identity),
            ("crm", Crm), ("channels", ActionSchema.Channels), ("risk", ActionSchema.Risk), ("templates", ActionSchema.Templates),
            ("playbooks", ActionSchema.Playbooks), ("sequences", ActionSchema.Sequences), ("objects", Objects), ("default_country", new Shape.Text("ISO 3166-1, two letters", "^[A-Z]{2}$")), ("retention", Retention),
        ]);

    /// <summary>Shapes that contain themselves.</summary>
    public static IReadOnlyDictionary<string, Shape> Definitions { get; } = new Dictionary<string, Shape>
    {
        ["condition"] = new Shape.Either(
        [
            new Shape.Choice(["always"]),
            Keys([("field", Line), ("op", new Shape.Choice(Condition.Operators))], [("value", new Shape.Either([new Shape.Scalar(), new Shape.ListOf(new Shape.Scalar())]))]),
            Keys([("all", new Shape.ListOf(When))], []),
            Keys([("any", new Shape.ListOf(When))], []),
            Keys([("not", When)], []),
        ]),
    };

    /// <summary>The document as editors and people read it.</summary>
    public static string Text { get; } = Document().ToJsonString(Indented) + "\n";

    private static JsonObject Document()
    {
        var document = Root.ToJson();
        document.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        document.Insert(1, "title", "CrmGrains workspace");
        document["$defs"] = new JsonObject(Definitions.Select(each => KeyValuePair.Create<string, JsonNode?>(each.Key, each.Value.ToJson())));
        return document;
    }

    private static Shape.Keys Fields(string needed, IReadOnlyList<string> known) =>
        Keys([(needed, Line)], [.. known.Where(field => field != needed).Select(field => (field, (Shape)Line))]);

    /// <summary>Keys that must be there, and keys that may be.</summary>
    internal static Shape.Keys Keys((string Key, Shape Shape)[] required, (string Key, Shape Shape)[] optional) => new(
        new OrderedDictionary<string, Shape>(required.Select(key => KeyValuePair.Create(key.Key, key.Shape))),
        new OrderedDictionary<string, Shape>(optional.Select(key => KeyValuePair.Create(key.Key, key.Shape))));
}
