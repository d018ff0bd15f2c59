using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// What a vendor says, as a part of an event's key: as it is where that is short and plain, else as its hash. So no value can look like a
/// placeholder or like two parts, and a key is bounded.
/// </summary>
internal static class KeyPart
{
    private const int MaxLength = 64;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>The part; of a value that isn't there, the hash of no text.</summary>
    public static string Of(string? value) =>
        value is { Length: > 0 and <= MaxLength } && !value.AsSpan().ContainsAnyExcept(Plain) ? value : Hash(value ?? "");

    /// <summary>The hash of a text of any length.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
