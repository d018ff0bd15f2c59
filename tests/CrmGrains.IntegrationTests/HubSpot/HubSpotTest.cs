using System.Collections.Concurrent;
using System.Text.Json;
using CrmGrains.Connectors;
using CrmGrains.Connectors.HubSpot;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.IntegrationTests.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrmGrains.IntegrationTests.HubSpot;

/// <summary>Keeps calls in memory.</summary>
internal sealed class Calls : ICallLog
{
    private readonly ConcurrentQueue<CrmCall> _all = [];

    public IReadOnlyList<CrmCall> All => [.. _all];

    public int To(string part) => _all.Count(call => call.Path.Contains(part, StringComparison.Ordinal));

    public void Add(CrmCall call) => _all.Enqueue(call);

    public void Clear() => _all.Clear();
}

/// <summary>The connector against a sandbox of its own, over HTTP.</summary>
public abstract class HubSpotTest : SandboxTest
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> FieldNames = new()
    {
        [CrmObject.Contact] = new Dictionary<string, string>
        {
            ["email"] = "email", ["phone"] = "phone", ["full_name"] = "firstname lastname", ["consent_to_contact"] = "consent_to_contact",
            ["detected_stack"] = "detected_stack", ["budget_range"] = "budget_range", ["lead_score"] = "lead_score",
        },
        [CrmObject.Company] = new Dictionary<string, string> { ["company_name"] = "name", ["company_domain"] = "domain" },
        [CrmObject.Deal] = new Dictionary<string, string>
        {
            ["deal_name"] = "dealname", ["budget_range"] = "budget_range", ["urgency"] = "urgency",
        },
    };

    private int _effects;

    private protected Calls Log { get; } = new();

    protected string Token { get; set; } = "pat-test";

    protected static CrmAccountConfiguration Account { get; } = new()
    {
        Name = "main", Kind = "hubspot", Url = "unused", Token = "unused",
        General = new RateLimit(10_000, TimeSpan.FromSeconds(1)), Search = new RateLimit(10_000, TimeSpan.FromSeconds(1)),
        Fields = FieldNames,
    };

    protected IConnector Crm => field ??= Connect();

    protected IConnector Connect(HubSpotOptions? options = null, CrmAccountConfiguration? account = null) =>
        HubSpotConnector.Create(account ?? Account, Url, () => Token, TimeProvider.System, () => 0, NullLoggerFactory.Instance, options);

    protected async Task<IReadOnlyList<WriteOutcome>> WriteAll(params Write[] writes)
    {
        var outcomes = await Crm.WriteAsync(writes, Log, CancellationToken.None);
        Assert.Equal(writes.Select(write => write.EffectKey).Order(), outcomes.Select(outcome => outcome.EffectKey).Order());
        return [.. writes.Select(write => outcomes.Single(outcome => outcome.EffectKey == write.EffectKey))];
    }

    protected async Task<WriteOutcome> WriteOne(Write write) => (await WriteAll(write))[0];

    /// <summary>Carries out a write that must succeed.</summary>
    protected async Task<WriteOutcome.Succeeded> Done(Write write) => Assert.IsType<WriteOutcome.Succeeded>(await WriteOne(write));

    protected Write Of(CrmCommand command, string? crmId = null, params (RecordRef Record, string Id)[] links) => new(
        $"event-{++_effects}/1/{command.Object}/{command.Operation}", command, crmId,
        links.ToDictionary(link => link.Record, link => link.Id), IsUncertain: false, Attempt: 1);

    protected static CrmCommand.UpsertContact Contact(string email, params (string Name, FieldValue? Value)[] fields) =>
        new(GrainId.Of("demo", GrainKind.Customer, email.Split('@')[0]), [email], Fields([("email", FieldValue.Of(email)), .. fields]));

    protected static CrmCommand.UpsertCompany Company(string name, params string[] domains) =>
        new(GrainId.Of("demo", GrainKind.Company, domains[0]), domains,
            Fields([("company_name", FieldValue.Of(name)), ("company_domain", FieldValue.Of(domains[0]))]));

    protected static CrmCommand.UpsertDeal Deal(string customer = "ada", string? owner = null) =>
        new(GrainId.Of("demo", GrainKind.Deal, $"{customer}/audit"), ContactRef(customer), null, "automation_audit", "audit_qualified",
            ["audit_new"], ["audit_lost"], owner, Fields([("deal_name", FieldValue.Of("Audit")), ("urgency", FieldValue.Of("high"))]));

    protected static CrmCommand.WriteNote Note(string customer = "ada") =>
        new(
            new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero), "lead <submitted>", [new NoteLine("Budget", "5 & more")],
            [ContactRef(customer)]);

    protected static CrmCommand.CreateTask TaskFor(string? owner, string customer = "ada") =>
        new(
            "call_back", "Call back", "Today", new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero), "high", owner,
            [ContactRef(customer)]);

    protected static RecordRef ContactRef(string customer = "ada") =>
        new(CrmObject.Contact, GrainId.Of("demo", GrainKind.Customer, customer));

    protected Task Fault(string path, string kind, int? count = null, int? status = null) =>
        Post("/sandbox/faults", new { path, kind, count, status });

    protected Task Refuse(string path, int status, string? policy = null, int? retryAfter = null) =>
        Post("/sandbox/faults", new { path, status, policy, retry_after = retryAfter });

    protected async Task<IReadOnlyList<JsonElement>> All(string type) => (await Get($"/sandbox/hubspot/{type}")).Results;

    protected async Task<string?> Property(string type, string? id, string name) =>
        (await All(type)).Single(record => record.GetProperty("id").GetString() == id).GetProperty("properties")
            .TryGetProperty(name, out var value)
            ? value.GetString()
            : null;

    /// <summary>A contact that is there, and the link to it.</summary>
    protected async Task<(RecordRef Record, string Id)> Ada() => (ContactRef(), await ContactId("ada@nordwind.test"));

    private static Dictionary<string, FieldValue> Fields((string Name, FieldValue? Value)[] fields) =>
        fields.Where(field => field.Value is not null).ToDictionary(field => field.Name, field => field.Value ?? new FieldValue.Text(""));
}
