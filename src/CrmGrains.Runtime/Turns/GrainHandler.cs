using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Companies;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;

namespace CrmGrains.Runtime.Turns;

/// <summary>One kind of grain as the engine sees it: a state without a type, read, handled and written.</summary>
public abstract class GrainHandler
{
    /// <summary>The kinds that there are.</summary>
    public static IReadOnlyDictionary<string, GrainHandler> All { get; } = new Dictionary<string, GrainHandler>(StringComparer.Ordinal)
    {
        [GrainKind.Customer] = new Typed<CustomerState>(CoreJson.Default.CustomerState, static () => new(), CustomerGrain.Handle),
        [GrainKind.Company] = new Typed<CompanyState>(CoreJson.Default.CompanyState, static () => new(), CompanyGrain.Handle),
        [GrainKind.Workspace] = new Typed<PolicyState>(CoreJson.Default.PolicyState, static () => new(), PolicyGrain.Handle),
        [GrainKind.Deal] = new Typed<DealState>(CoreJson.Default.DealState, static () => new(), DealGrain.Handle),
    };

    /// <summary>The state of a grain that had no turn yet.</summary>
    public abstract object Initial { get; }

    /// <summary>Reads a stored state.</summary>
    public abstract object Read(ReadOnlySpan<byte> json);

    /// <summary>Writes a state for storage.</summary>
    public abstract byte[] Write(object state);

    /// <summary>One turn.</summary>
    public abstract (object State, Decision Decision, IReadOnlyList<Effect> Effects) Handle(object state, Message message, TurnContext context);

    private sealed class Typed<TState>(
        JsonTypeInfo<TState> json, Func<TState> initial, Func<TState, Message, TurnContext, Turn<TState>> handle) : GrainHandler
        where TState : class
    {
        public override object Initial => initial();

        public override object Read(ReadOnlySpan<byte> state) =>
            JsonSerializer.Deserialize(state, json) ?? throw new JsonException("The stored state is null.");

        public override byte[] Write(object state) => JsonSerializer.SerializeToUtf8Bytes((TState)state, json);

        public override (object State, Decision Decision, IReadOnlyList<Effect> Effects) Handle(
            object state, Message message, TurnContext context)
        {
            var turn = handle((TState)state, message, context);
            return (turn.State, turn.Decision, turn.Effects);
        }
    }
}
