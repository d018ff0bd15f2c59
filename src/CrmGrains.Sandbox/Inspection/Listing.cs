namespace CrmGrains.Sandbox.Inspection;

/// <summary>A whole list, as the sandbox's own endpoints answer it.</summary>
internal sealed record Listing<T>(int Count, IReadOnlyList<T> Results);

internal static class Listing
{
    public static Listing<T> Of<T>(IReadOnlyList<T> results) => new(results.Count, results);
}
