using System.Text.Json;

namespace CrmGrains.Runtime.Turns;

/// <summary>An exception as dead letters and logs may show it: what it is and where, never the payload that it quotes.</summary>
public static class FailureText
{
    /// <summary>One line.</summary>
    public static string Of(Exception exception) => exception switch
    {
        JsonException json => $"{nameof(JsonException)} at {json.Path ?? "$"}, byte {json.BytePositionInLine ?? 0} of line {json.LineNumber ?? 0}",
        _ => $"{exception.GetType().Name}: {exception.Message}",
    };
}
