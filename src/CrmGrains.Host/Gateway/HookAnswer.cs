using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Intake.Inbox;
using CrmGrains.Intake.Sources.Handshakes;

namespace CrmGrains.Host.Gateway;

/// <summary>What a sender whose delivery is stored is told.</summary>
internal sealed record HookAnswer(Guid EventId, bool Duplicate)
{
    /// <summary>The event, for senders that are answered without a body.</summary>
    public const string EventHeader = "X-CrmGrains-Event-Id";

    /// <summary>Whether a delivery of that id was there before.</summary>
    public const string DuplicateHeader = "X-CrmGrains-Duplicate";

    private static readonly byte[] EmptyTwiml = """<?xml version="1.0" encoding="UTF-8"?><Response/>"""u8.ToArray();

    /// <summary>The status of an answer.</summary>
    public static int StatusOf(AcceptedAnswer answer) => answer switch
    {
        AcceptedAnswer.Accepted => StatusCodes.Status202Accepted,
        AcceptedAnswer.Empty => StatusCodes.Status204NoContent,
        _ => StatusCodes.Status200OK,
    };

    public static Task WriteAsync(HttpContext context, AcceptedAnswer answer, Receipt receipt)
    {
        var response = context.Response;
        response.StatusCode = StatusOf(answer);
        if (answer is AcceptedAnswer.Accepted or AcceptedAnswer.Ok)
        {
            return WriteAsync(
                context, "application/json; charset=utf-8",
                JsonSerializer.SerializeToUtf8Bytes(new HookAnswer(receipt.EventId, receipt.IsDuplicate), GatewayJson.Default.HookAnswer));
        }

        response.Headers[EventHeader] = receipt.EventId.ToString();
        response.Headers[DuplicateHeader] = receipt.IsDuplicate ? "true" : "false";
        return answer == AcceptedAnswer.EmptyTwiml ? WriteAsync(context, "text/xml", EmptyTwiml) : Task.CompletedTask;
    }

    public static Task WriteAsync(HttpContext context, HandshakeAnswer answer) => WriteAsync(context, answer.ContentType, answer.Body);

    private static Task WriteAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}

/// <summary>The gateway's answers: JSON in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HookAnswer))]
internal sealed partial class GatewayJson : JsonSerializerContext;
