namespace CrmGrains.Core.Configuration;

/// <summary>One account of a CRM: one login, with its limits and its names for things.</summary>
public sealed record CrmAccountConfiguration
{
    /// <summary>The account's name within the workspace.</summary>
    public required string Name { get; init; }

    /// <summary>Which CRM: <c>hubspot</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where its API is: an address, or a reference to one (<c>env:NAME</c>).</summary>
    public required string Url { get; init; }

    /// <summary>A reference to the access token, <c>env:NAME</c> or <c>file:/path</c>.</summary>
    public required string Token { get; init; }

    /// <summary>The limit of all calls but searches.</summary>
    public RateLimit General { get; init; } = new(100, TimeSpan.FromSeconds(10));

    /// <summary>The limit of searches.</summary>
    public RateLimit Search { get; init; } = new(5, TimeSpan.FromSeconds(1));

    /// <summary>Contract name to property name, by object (<c>contact</c>, <c>company</c>, <c>deal</c>). What isn't named isn't written.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Fields { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();
}

/// <summary>So many calls in so much time.</summary>
public sealed record RateLimit(int Calls, TimeSpan Per);
