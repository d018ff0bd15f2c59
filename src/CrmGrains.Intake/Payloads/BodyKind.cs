using CrmGrains.Core.Events;

namespace CrmGrains.Intake.Payloads;

/// <summary>What bodies a format takes. Whatever it is, a body is stored byte for byte.</summary>
public enum BodyKind
{
    /// <summary>JSON in which nothing can surprise later.</summary>
    Json,

    /// <summary>A form, <c>application/x-www-form-urlencoded</c>.</summary>
    Form,

    /// <summary><c>multipart/form-data</c>.</summary>
    Multipart,

    /// <summary>Anything: intake says whether it can be read.</summary>
    Any,
}

/// <summary>Whether a body is of a kind, as far as the gateway asks.</summary>
public static class BodyKinds
{
    private const int MaxBoundaryLength = 200;

    /// <summary>What is wrong with a body, so that no attempt at the same delivery could succeed; null where nothing is.</summary>
    public static Fault? FaultOf(this BodyKind kind, ReadOnlyMemory<byte> body, string? contentType)
    {
        if (kind == BodyKind.Json)
            return StrictJson.FaultOf(body);
        if (kind != BodyKind.Any && body.IsEmpty)
            return new Fault("$", "empty_body", "The body is empty: send the delivery with it.");
        return kind == BodyKind.Multipart && !HasBoundary(contentType)
            ? new Fault("$", "not_multipart", "The content type isn't multipart with a boundary: send the delivery as multipart/form-data.")
            : null;
    }

    private static bool HasBoundary(string? contentType) =>
        contentType is not null && contentType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
        && contentType.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase) is > 0 and var at
        && contentType.Length - at - "boundary=".Length is > 0 and <= MaxBoundaryLength;
}
