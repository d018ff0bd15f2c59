namespace CrmGrains.Runtime.Postgres;

/// <summary>Where the private PostgreSQL keeps its data, and how it is run.</summary>
public sealed class EmbeddedPostgresOptions
{
    /// <summary>
    /// The data folder of CrmGrains, made when it is missing. The cluster lives in <c>postgres</c> below it, the server's
    /// output in <c>postgres.log</c>. One process at a time owns it.
    /// </summary>
    public string DataFolder { get; set; } = "./.crmgrains";

    /// <summary>Server settings (names as in <c>postgresql.conf</c>) that add to or replace those of the house.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    /// <summary>
    /// How long a fast shutdown may take, its checkpoint included, before an immediate one. That one loses nothing either;
    /// the next start replays the log.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
