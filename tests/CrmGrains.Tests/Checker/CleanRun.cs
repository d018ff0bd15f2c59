using System.Globalization;
using System.Text.Json;
using CrmGrains.Checker;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Tests.Checker;

/// <summary>
/// What a small run without any fault leaves: six leads of two customers from one source, each acknowledged before the next is sent; then
/// a repeat of the first under another delivery id, and a broken one. Numbers count from 1.
/// </summary>
internal static class CleanRun
{
    public const int Leads = 6;
    public const string Workspace = "acme";
    public const string Source = "form";

    private const int Intake = 1000;

    private static readonly Guid Silo = A.Id(900);
    private static readonly GrainId[] Customers =
        [GrainId.Of(Workspace, GrainKind.Customer, "c1"), GrainId.Of(Workspace, GrainKind.Customer, "c2")];

    // Made when it is asked for: the CRM's side is made of the customers above.
    private static readonly Lazy<History> Made = new(Make);

    /// <summary>The history.</summary>
    public static History History => Made.Value;

    /// <summary>What is expected of it, under all laws or some.</summary>
    public static CheckOptions Options(Laws laws) =>
        new() { Laws = laws, Fold = new GrainReplay(History, (_, _) => A.Workspace).Fold };

    /// <summary>The event of a lead or, after them, of the repeat and of the broken delivery.</summary>
    public static Guid EventId(int number) => A.Id(100 + number);

    /// <summary>The customer of a lead.</summary>
    public static GrainId Customer(int number) => Customers[(number - 1) % Customers.Length];

    /// <summary>The turn of a lead's customer.</summary>
    public static LedgerEntry TurnOf(this History history, int number) => history.Turns.Single(turn => turn.EventId == EventId(number));

    /// <summary>The same history with one turn changed.</summary>
    public static History WithTurn(this History history, int number, Func<LedgerEntry, LedgerEntry> change) => history with
    {
        Turns = [.. history.Turns.Select(turn => turn.EventId == EventId(number) ? change(turn) : turn)],
    };

    /// <summary>The same history with one delivery changed.</summary>
    public static History WithDelivery(this History history, int number, Func<SentDelivery, SentDelivery> change) => history with
    {
        Deliveries = [.. history.Deliveries.Select((delivery, index) => index == number - 1 ? change(delivery) : delivery)],
    };

    private static History Make()
    {
        var numbers = Enumerable.Range(1, Leads + 2).ToList();
        var events = numbers.Take(Leads).ToDictionary(number => number, number => A.Lead with
        {
            EventId = EventId(number), IdempotencyKey = FactOf(number), SourceRecordId = FactOf(number),
            OccurredAt = A.Noon.AddMinutes(number),
        });

        var chains = new Dictionary<int, (long Position, byte[] Hash)>();
        var states = new Dictionary<GrainId, (long Version, object State)>();
        var turns = new List<LedgerEntry>();
        using var detail = new TurnDetail();
        foreach (var (number, lead) in events)
        {
            var grain = Customer(number);
            var (version, state) = states.GetValueOrDefault(grain, (0, GrainHandler.All[grain.Kind].Initial));
            var received = A.Received(lead);
            var context = new TurnContext(grain, lead.EventId, BeganAt(number), A.Workspace);
            var (next, decision, effects) = GrainHandler.All[grain.Kind].Handle(state, received, context);
            states[grain] = (version + 1, next);
            var message = JsonSerializer.SerializeToUtf8Bytes(received, CoreJson.Default.Message);
            turns.Add(Chained(
                chains, number, MailboxPartition.Of(grain), grain.ToString(), version + 1, EntryKind.EventReceived, decision.Outcome,
                detail.Of(message, received, decision, effects, hasCrm: true)));
        }

        turns.Add(Chained(
            chains, Leads + 1, Intake, "", 0, EntryKind.DeliveryReceived, EntryKind.Duplicate,
            JsonSerializer.SerializeToUtf8Bytes(new { duplicate_of = EventId(1) })));
        turns.Add(Chained(chains, Leads + 2, Intake, "", 0, EntryKind.DeliveryReceived, "rejected", "{}"u8.ToArray()));
        return new History
        {
            Deliveries = numbers.ConvertAll(Delivery),
            RawEvents = numbers.ConvertAll(number => new RawEvent(EventId(number), Intake, $"msg_{number}")),
            Events =
            [
                .. events.Select(one => new LogicalEvent(
                    one.Value.EventId, Workspace, one.Value.IdempotencyKey,
                    StoredText.Of(JsonSerializer.SerializeToUtf8Bytes(one.Value, CoreJson.Default.ContractEvent)))),
            ],
            Turns = turns,
            Partitions =
            [
                .. chains.Select(chain => chain.Key == Intake
                    ? new PartitionHead(chain.Key, Workspace, Source, chain.Value.Position, chain.Value.Hash)
                    : new PartitionHead(chain.Key, null, null, chain.Value.Position, chain.Value.Hash)),
            ],
            States =
            [
                .. states.Select(state => new GrainState(
                    MailboxPartition.Of(state.Key), state.Key.ToString(), state.Value.Version,
                    StoredText.Of(GrainHandler.All[state.Key.Kind].Write(state.Value.State)))),
            ],
            Crm = CleanCrm.Crm,
            Commands = CleanCrm.Commands,
            Links = CleanCrm.Links,
        };
    }

    private static SentDelivery Delivery(int number) => new()
    {
        Workspace = Workspace,
        Source = Source,
        DeliveryId = $"msg_{number}",
        Fact = FactOf(number),
        SentAt = TimeSpan.FromSeconds(number),
        AnsweredAt = TimeSpan.FromSeconds(number + 0.5),
        Status = 202,
        EventId = EventId(number),
    };

    // The repeat tells what the first lead told.
    private static string FactOf(int number) => string.Create(CultureInfo.InvariantCulture, $"lead_{(number == Leads + 1 ? 1 : number)}");

    private static DateTimeOffset BeganAt(int number) => A.Noon.AddSeconds(number);

    private static LedgerEntry Chained(
        Dictionary<int, (long Position, byte[] Hash)> chains, int number, int partition, string grain, long version, string kind,
        string outcome, byte[] detail)
    {
        var (position, previous) = chains.GetValueOrDefault(partition, (0, new byte[LedgerChain.HashBytes]));
        byte[] salt = [1, 2, 3];
        var detailHash = LedgerChain.DetailHash(salt, detail);
        var entry = new LedgerEntry
        {
            Partition = partition, Position = position + 1, Workspace = Workspace, Grain = grain, Version = version, MessageId = number,
            Kind = kind, Outcome = outcome, EventId = EventId(number), Configuration = "hash", Silo = Silo, BeganAt = BeganAt(number),
            WrittenAt = BeganAt(number).AddMilliseconds(300), Detail = StoredText.Of(detail), Salt = salt, DetailHash = detailHash,
        };
        var hash = LedgerChain.Hash(previous, new LedgerHeader(
            partition, entry.Position, Workspace, grain, version, number, kind, outcome, entry.EventId, "hash", Silo, entry.BeganAt,
            detailHash));
        chains[partition] = (entry.Position, hash);
        return entry with { Hash = hash };
    }
}
