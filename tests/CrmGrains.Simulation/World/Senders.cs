using System.Text.Json;
using CrmGrains.Checker;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Simulation.Scheduling;
using CrmGrains.Simulation.Store;

namespace CrmGrains.Simulation.World;

/// <summary>
/// Who else works on the database: gateways that store deliveries, connectors that tell grains how commands ended, and others that
/// write without ever sending. They take their time between drawing ids and committing, and roll back now and then.
/// </summary>
internal sealed class Senders(Database database, Scheduler scheduler, Script script, Action called)
{
    private static readonly TimeSpan LongRest = TimeSpan.FromMilliseconds(800);

    private readonly Dictionary<(string From, string To), int> _numbers = [];
    private readonly Queue<TaskCompletionSource> _lingering = new();
    private int _labels;
    private int _running;

    /// <summary>The longest rest of most.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>Most continuations of others that run between two statements.</summary>
    public int MostHesitations { get; init; } = 4;

    /// <summary>How often a transaction stays open for seconds before it ends.</summary>
    public double Late { get; init; } = 0.1;

    /// <summary>What was delivered, with the answers.</summary>
    public List<SentDelivery> Deliveries { get; } = [];

    /// <summary>Labels of what connectors have sent, with sender and receiver.</summary>
    public List<(string Label, string From, string To)> Told { get; } = [];

    public bool AreDone => _running == 0;

    /// <summary>Has whoever lingers longest end its transaction now: late, and in the middle of somebody's batch.</summary>
    public void Hurry()
    {
        if (_lingering.TryDequeue(out var waiting))
            waiting.TrySetResult();
    }

    public void StartGateway(int number, Chance chance, PartitionRow queue, int transactions) =>
        Start($"gateway{number}", process => GatewayAsync(process, chance, queue, transactions));

    public void StartConnector(int number, Chance chance, int transactions) =>
        Start($"connector{number}", process => ConnectorAsync(process, chance, transactions));

    public void StartBystander(Chance chance, int transactions) => Start("bystander", async process =>
    {
        for (var i = 0; i < transactions; i++)
        {
            await RestAsync(process, chance, TimeSpan.FromSeconds(2));
            var transaction = database.Begin();
            database.Identify(transaction);
            await RestAsync(process, chance, TimeSpan.FromSeconds(6));
            database.Commit(transaction);
        }
    });

    private void Start(string name, Func<Process, Task> work)
    {
        _running++;
        var process = new Process(scheduler, name);
        process.Start("sending", async () =>
        {
            await work(process);
            _running--;
        });
    }

    private async Task GatewayAsync(Process process, Chance chance, PartitionRow queue, int transactions)
    {
        for (var i = 0; i < transactions; i++)
        {
            await RestAsync(process, chance, chance.Is(0.1) ? LongRest : Rest);
            var sentAt = TimeSpan.FromTicks(scheduler.Steps);
            var transaction = database.Begin();
            await HesitateAsync(chance);
            database.Identify(transaction);
            var deliveries = new List<SentDelivery>();
            for (var count = chance.Between(1, 4); count > 0; count--)
            {
                await HesitateAsync(chance);
                var delivery = new SentDelivery
                {
                    Workspace = "w", Source = queue.Source ?? "", DeliveryId = $"d{++_labels}", SentAt = sentAt, EventId = chance.Id(),
                };
                deliveries.Add(delivery);
                Store(transaction, queue, delivery);
            }

            await (chance.Is(Late) ? LingerAsync(process, chance) : HesitateAsync(chance));
            var isStored = !chance.Is(0.08);
            End(transaction, isStored, $"{process.Name} {deliveries[0].DeliveryId}..{deliveries[^1].DeliveryId}");

            // An answer that is lost promises nothing, although the delivery is stored.
            var isAnswered = isStored && !chance.Is(0.05);
            Deliveries.AddRange(deliveries.Select(delivery => isAnswered
                ? delivery with { Status = 202, AnsweredAt = TimeSpan.FromTicks(scheduler.Steps) }
                : delivery with { EventId = null }));
        }
    }

    private void Store(Transaction transaction, PartitionRow queue, SentDelivery delivery)
    {
        var (id, label) = (delivery.EventId ?? Guid.Empty, delivery.DeliveryId ?? "");
        var body = JsonSerializer.SerializeToUtf8Bytes(new ScriptedDelivery(label), SimulationJson.Default.ScriptedDelivery);
        var row = new DeliveryRow(id, queue.Id, label, body, database.Now);
        transaction.Write(() => database.Deliveries[id] = row);
        database.Send(transaction, queue.Id, "w", "", "delivery_received", id, "{}"u8.ToArray());
    }

    private async Task ConnectorAsync(Process process, Chance chance, int transactions)
    {
        for (var i = 0; i < transactions; i++)
        {
            await RestAsync(process, chance, chance.Is(0.2) ? LongRest : Rest);
            var transaction = database.Begin();
            var told = new List<(string Label, string From, string To)>();
            var numbers = new Dictionary<(string From, string To), int>();
            for (var count = chance.Between(1, 3); count > 0; count--)
            {
                await HesitateAsync(chance);
                var label = $"c{++_labels}";
                var to = script.Target(label);
                var pair = (process.Name, to.ToString());
                numbers[pair] = numbers.GetValueOrDefault(pair, _numbers.GetValueOrDefault(pair)) + 1;
                var message = Labels.Told(process.Name, numbers[pair], label, 1);
                database.Send(
                    transaction, MailboxPartition.Of(to), "w", to.ToString(), message.Name, null,
                    JsonSerializer.SerializeToUtf8Bytes(message, CoreJson.Default.Message));
                told.Add((label, process.Name, to.ToString()));
            }

            await (chance.Is(Late) ? LingerAsync(process, chance) : HesitateAsync(chance));
            var isStored = !chance.Is(0.1);
            End(transaction, isStored, process.Name);
            if (!isStored)
                continue;
            Told.AddRange(told);
            foreach (var (pair, number) in numbers)
                _numbers[pair] = number;
        }
    }

    private void End(Transaction transaction, bool isStored, string who)
    {
        scheduler.Note(who, isStored ? $"commits {transaction.Id}" : $"rolls {transaction.Id} back");
        if (isStored)
            database.Commit(transaction);
        else
            database.RollBack(transaction);
        called();
    }

    private async Task LingerAsync(Process process, Chance chance)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var end = process.Time.CreateTimer(
            _ => waiting.TrySetResult(), null, chance.Between(TimeSpan.Zero, TimeSpan.FromSeconds(4)), Timeout.InfiniteTimeSpan);
        _lingering.Enqueue(waiting);
        await waiting.Task;
    }

    private async Task HesitateAsync(Chance chance)
    {
        for (var i = chance.Below(MostHesitations); i > 0; i--)
            await Task.Yield();
    }

    private static Task RestAsync(Process process, Chance chance, TimeSpan atMost) =>
        Task.Delay(chance.Between(TimeSpan.Zero, atMost), process.Time, CancellationToken.None);
}
