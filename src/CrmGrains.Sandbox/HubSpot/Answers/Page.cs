namespace CrmGrains.Sandbox.HubSpot.Answers;

/// <summary>Part of a list. <see cref="Total"/> is told by search only; there is no paging after the last page.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Results, Paging? Paging = null, int? Total = null);

internal sealed record Paging(NextPage Next);

internal sealed record NextPage(string After, string? Link = null);

internal static class Page
{
    /// <summary>Makes a page of what was found when one more than the limit was looked for.</summary>
    public static Page<T> Of<TFound, T>(IReadOnlyList<TFound> found, int limit, Func<TFound, string> idOf, Func<TFound, T> toBody) =>
        new([.. found.Take(limit).Select(toBody)], found.Count > limit ? new Paging(new NextPage(idOf(found[limit]))) : null);
}
