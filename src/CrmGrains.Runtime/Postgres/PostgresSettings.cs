namespace CrmGrains.Runtime.Postgres;

/// <summary>The settings of the private server: durable, for one machine that it shares, with a few thousand small writes a second.</summary>
internal static class PostgresSettings
{
    /// <summary>Given on the command line at each start, so that a newer CrmGrains brings its settings to an older folder.</summary>
    public static IReadOnlyDictionary<string, string> For(string socketFolder, bool hasLz4, IDictionary<string, string> overrides)
    {
        var settings = new Dictionary<string, string>
        {
            // Nobody outside of this machine and this user: a socket in a private folder, no TCP.
            ["listen_addresses"] = "",
            ["port"] = "5432",  // only names the socket; PGPORT or a packager's default must not
            ["unix_socket_directories"] = $"\"{socketFolder}\"",
            ["unix_socket_permissions"] = "0700",
            ["max_connections"] = "100",
            ["cluster_name"] = "crmgrains",

            // What is acknowledged is on disk.
            ["fsync"] = "on",
            ["full_page_writes"] = "on",
            ["synchronous_commit"] = "on",

            // A machine that it shares: queues are small and hot, and the operating system caches the rest.
            ["shared_buffers"] = "256MB",

            // After a checkpoint the first change of each page logs the whole page. Rare, compressed checkpoints save most
            // of that, at the price of a longer replay after a crash.
            ["wal_compression"] = hasLz4 ? "lz4" : "on",
            ["max_wal_size"] = "2GB",
            ["checkpoint_timeout"] = "15min",
            ["checkpoint_completion_target"] = "0.9",

            // Statements are short: compiling them or spreading them over workers costs more than it saves, and a
            // container's small /dev/shm doesn't hold the workers' memory.
            ["jit"] = "off",
            ["max_parallel_workers_per_gather"] = "0",
            ["random_page_cost"] = "1.1",  // an SSD

            // Queues turn over quickly: their dead rows must go before scans feel them.
            ["autovacuum_naptime"] = "10s",
            ["autovacuum_vacuum_cost_delay"] = "0",
            ["track_io_timing"] = "off",

            // The log is for trouble. Without details, which quote the values of rows, it holds no customer's data.
            ["logging_collector"] = "off",
            ["log_destination"] = "stderr",
            ["log_min_messages"] = "warning",
            ["log_checkpoints"] = "off",
            ["log_error_verbosity"] = "terse",
            ["log_line_prefix"] = "%m [%p] %q%a ",
            ["log_timezone"] = "UTC",
            ["timezone"] = "UTC",
        };
        foreach (var (name, value) in overrides) settings[name] = value;
        return settings;
    }
}
