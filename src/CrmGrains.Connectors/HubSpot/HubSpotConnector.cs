using CrmGrains.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>Makes the connector of a HubSpot account.</summary>
public static class HubSpotConnector
{
    /// <summary>What an account's kind says where it is HubSpot.</summary>
    public const string Kind = "hubspot";

    /// <summary>Connects to an account; one instance for each, since it keeps the account's limits. It can be disposed of.</summary>
    /// <param name="account">Its limits and names.</param>
    /// <param name="url">Where the API is, for example <c>https://api.hubapi.com</c>.</param>
    /// <param name="token">The bearer token; asked for before each call, never kept or logged.</param>
    /// <param name="draw">A random number from 0 up to 1.</param>
    /// <param name="options">Time-outs; HubSpot's own advice where absent.</param>
    public static IConnector Create(
        CrmAccountConfiguration account, string url, Func<string> token, TimeProvider time, Func<double> draw, ILoggerFactory loggers,
        HubSpotOptions? options = null) =>
        new HubSpotCrm(account, url, token, options ?? new HubSpotOptions(), time, draw, loggers);
}
