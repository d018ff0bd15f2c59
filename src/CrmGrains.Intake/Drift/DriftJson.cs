using System.Text.Json.Serialization;

namespace CrmGrains.Intake.Drift;

/// <summary>How sketches are stored: JSON in snake_case, without what is zero.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Sketch))]
internal sealed partial class DriftJson : JsonSerializerContext;
