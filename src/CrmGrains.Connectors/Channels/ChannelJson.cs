using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Connectors.Channels.Slack;
using CrmGrains.Connectors.Channels.Webhooks;

namespace CrmGrains.Connectors.Channels;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlackMessage))]
[JsonSerializable(typeof(WebhookBody))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ChannelJson : JsonSerializerContext;
