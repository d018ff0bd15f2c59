using System.CommandLine;
using CrmGrains.Host.Serving;

namespace CrmGrains.Host.Commands;

/// <summary>Options that several commands have.</summary>
internal static class SharedOptions
{
    public static Option<string?> Postgres() => new("--postgres")
    {
        Description = "A PostgreSQL server to use instead of the embedded one, as a connection string (or CRMGRAINS_POSTGRES).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CRMGRAINS_POSTGRES") is { Length: > 0 } value ? value : null,
    };

    public static Option<string> Data() => new("--data")
    {
        Description = "The data folder (or CRMGRAINS_DATA).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CRMGRAINS_DATA") is { Length: > 0 } value ? value : ServeOptions.DefaultData,
    };

    public static Option<string?> Url() => new("--url")
    {
        Description = "Where the host is (or CRMGRAINS_URL, or what demo.env in the data folder says).",
    };

    public static Option<string?> ApiKey() => new("--api-key")
    {
        Description = "The API key (or CRMGRAINS_API_KEY, or what demo.env in the data folder says).",
    };
}
