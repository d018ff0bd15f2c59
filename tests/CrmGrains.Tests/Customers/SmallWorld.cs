using CrmGrains.Core.Commands;
using CrmGrains.Core.Companies;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Fields;
using CrmGrains.Core.Grains;
using CrmGrains.Runtime.Turns;

namespace CrmGrains.Tests.Customers;

/// <summary>Customers, companies and deals with a mailbox in memory: each message is handled, and all that follows from it, before the next.</summary>
internal sealed class SmallWorld
{
    private readonly Dictionary<GrainId, object> _states = [];
    private readonly SortedSet<string> _done = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _records = new(StringComparer.Ordinal);

    public CustomerState Customer(GrainId id) => _states.GetValueOrDefault(id) as CustomerState ?? new CustomerState();

    /// <summary>What all grains know in the end, as text. Counts of messages are none of it.</summary>
    public string Knowledge => string.Join('\n', _states.OrderBy(grain => grain.Key.ToString(), StringComparer.Ordinal).Select(grain => $"{grain.Key}: {Text(grain.Value)}"));

    /// <summary>
    /// What was done outside: notes and tasks by their effect keys, links by what they link, records by what they say in the end. Which of
    /// several events a record's write is named after depends on their order, what it says doesn't.
    /// </summary>
    public string Effects => string.Join('\n', _done.Concat(_records.Select(record => $"{record.Key}: {record.Value}")));

    public SmallWorld Tell(GrainId to, Message message, Guid? eventId)
    {
        var queue = new Queue<(GrainId To, Message Message, Guid? EventId)>([(to, message, eventId)]);
        while (queue.TryDequeue(out var next))
        {
            var handler = GrainHandler.All[next.To.Kind];
            var context = A.Context with { Grain = next.To, EventId = next.EventId };
            var (state, _, effects) = handler.Handle(_states.GetValueOrDefault(next.To) ?? handler.Initial, next.Message, context);
            // As it is stored.
            _states[next.To] = handler.Read(handler.Write(state));
            foreach (var effect in effects)
            {
                if (effect is Effect.Send send)
                    queue.Enqueue((send.To, send.Message, next.EventId));
                else if (effect is Effect.Enqueue enqueue)
                    Do(enqueue, enqueue.EventId ?? next.EventId);
            }
        }

        return this;
    }

    private void Do(Effect.Enqueue enqueue, Guid? eventId)
    {
        switch (enqueue.Command)
        {
            case CrmCommand.UpsertContact c:
                _records[$"contact {c.Grain}"] = Text(c.Fields);
                break;
            case CrmCommand.UpsertCompany c:
                _records[$"company {c.Grain}"] = Text(c.Fields);
                break;
            case CrmCommand.UpsertDeal c:
                _records[$"deal {c.Grain}"] = $"{Text(c.Fields)} {c.Contact.Grain} {c.Company?.Grain} {c.OwnerEmail}";
                break;
            case CrmCommand.Associate c:
                _done.Add($"link {c.From.Grain} {c.To.Grain}");
                break;
            case CrmCommand.CreateTask { Name: "onboarding" } c:
                Assert.True(_done.Add($"task {c.Name} of {c.On[0].Grain}"), "A task of which there is one was asked for twice.");
                break;
            default:
                _done.Add($"{eventId}/{enqueue.Step}/{enqueue.Command.Object}/{enqueue.Command.Operation}");
                break;
        }
    }

    private static string Text(object state) => state switch
    {
        CustomerState c => $"{Marked(c.Fields)} {Text(c)}",
        CompanyState c => Marked(c.Fields),
        // A word that repeats the one before is no news to a deal, so it may keep the mark of that one.
        DealState d => $"{string.Join(';', d.Fields.Select(field => $"{field.Key}={field.Value.Value}"))} [{string.Join(',', d.Companies)}] {d.IsDealWanted}",
        _ => "",
    };

    public static string Text(CustomerState c) =>
        $"[{string.Join(',', c.Emails)}] [{string.Join(',', c.Companies)}] [{string.Join(',', c.Pipelines)}] [{string.Join(',', c.Tasks)}] "
        + $"[{string.Join(',', c.Mentioned?.Keys ?? [])}] [{string.Join(',', Waiting(c))}] {c.IsContactWanted}";

    // Whichever event asked first for the task of which there is one.
    private static IEnumerable<string> Waiting(CustomerState c) => (c.Waiting ?? [])
        .Select(one => one.Command is CrmCommand.CreateTask { Name: "onboarding" } task ? task.Name : $"{one.EventId}/{one.Step}")
        .Order(StringComparer.Ordinal);

    public static string Marked(IReadOnlyDictionary<string, Field> fields) =>
        string.Join(';', fields.Select(field => $"{field.Key}={field.Value.Value}@{field.Value.Mark.OccurredAt:mm}/{field.Value.Mark.EventId}"));

    private static string Text(IReadOnlyDictionary<string, FieldValue> fields) =>
        string.Join(';', fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}"));
}
