using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Autonomy;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Companies;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Deals;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Undo;

namespace CrmGrains.Core.Json;

/// <summary>How the contract, the states and the messages are stored: JSON in snake_case, without nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContractEvent))]
[JsonSerializable(typeof(Validation))]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(Effect))]
[JsonSerializable(typeof(CrmCommand))]
[JsonSerializable(typeof(CommandResult))]
[JsonSerializable(typeof(Decision))]
[JsonSerializable(typeof(Proposal))]
[JsonSerializable(typeof(RecordImage))]
[JsonSerializable(typeof(CustomerState))]
[JsonSerializable(typeof(CompanyState))]
[JsonSerializable(typeof(DealState))]
[JsonSerializable(typeof(PolicyState))]
[JsonSerializable(typeof(Dictionary<string, string>))]
public sealed partial class CoreJson : JsonSerializerContext;
