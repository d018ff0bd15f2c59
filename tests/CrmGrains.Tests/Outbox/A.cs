using CrmGrains.Connectors;
using CrmGrains.Connectors.Outbox;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;

namespace CrmGrains.Tests.Outbox;

internal static class A
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static GrainId Customer(string key) => GrainId.Of("acme", GrainKind.Customer, key);

    public static RecordRef Contact(string key, bool isRequired = true) => new(CrmObject.Contact, Customer(key), isRequired);

    public static RecordKey ContactKey(string key) => RecordKey.Of(Contact(key));

    public static CrmCommand.UpsertContact UpsertContact(string key, params (string Name, string Value)[] fields) =>
        new(
            Customer(key), [$"{key}@example.com"],
            fields.ToDictionary(field => field.Name, field => (FieldValue)new FieldValue.Text(field.Value)));

    public static CrmCommand.WriteNote Note(params RecordRef[] on) => new(Noon, "A lead", [], on);

    public static QueuedCommand Command(long id, CrmCommand wanted) => new()
    {
        Id = id,
        Workspace = "acme",
        EffectKey = $"key-{id}",
        Grain = "acme/customer/asker",
        Partition = 7,
        Object = wanted.Object,
        Lane = wanted.Own()?.ToString() ?? $"key-{id}",
        Wanted = wanted,
        Attempts = 0,
        IsUncertain = false,
        DueAt = Noon,
    };

    public static PreparedWrite PreparedWrite(params QueuedCommand[] commands) =>
        Assert.Single(Preparation.Of([LaneWrite.Of(commands)], new Dictionary<RecordKey, Link>()).Writes);

    public static WriteOutcome Succeeded(string effectKey) =>
        new WriteOutcome.Succeeded("17", "created", OwnerStatus: null, Response: "{}") { EffectKey = effectKey };

    public static WriteOutcome.Retryable Retryable(string effectKey, TimeSpan? retryAfter = null) =>
        new("rate_limited", Detail: null, retryAfter, IsUncertain: false) { EffectKey = effectKey };
}
