using System.Text.Json.Serialization;
using CrmGrains.Core.Events;
using CrmGrains.Core.Grains;
using CrmGrains.Intake.Inbox;

namespace CrmGrains.Intake;

/// <summary>How intake's own records are stored: JSON in snake_case, without nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConflictedDelivery))]
[JsonSerializable(typeof(Loop.IntakeDetail))]
[JsonSerializable(typeof(Identity.MergeProposal))]
[JsonSerializable(typeof(Replays.ReplayedDelivery))]
[JsonSerializable(typeof(Replays.ReplayPreview))]
[JsonSerializable(typeof(Dictionary<string, long>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Validation))]
[JsonSerializable(typeof(IdentityMatch))]
internal sealed partial class IntakeJson : JsonSerializerContext;
