using System.Text.Json.Serialization;

namespace CrmGrains.Host.Reviews;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReviewPage))]
[JsonSerializable(typeof(ReviewView))]
[JsonSerializable(typeof(ReviewAnswer))]
[JsonSerializable(typeof(BulkRequest))]
[JsonSerializable(typeof(BulkResult))]
[JsonSerializable(typeof(ReviewProblem))]
internal sealed partial class ReviewJson : JsonSerializerContext;
