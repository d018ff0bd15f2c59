using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Access;

/// <summary>What a key may do.</summary>
internal static class Scope
{
    public const string LedgerRead = "ledger:read";
    public const string ReviewsRead = "reviews:read";
    public const string ReviewsDecide = "reviews:decide";
    public const string Operations = "operations";

    /// <summary>Everything.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [LedgerRead, ReviewsRead, ReviewsDecide, Operations, Admin];
}

/// <summary>A key that is known.</summary>
internal sealed record ApiKey(string Name, string[] Scopes);

/// <summary>The API keys: random, stored as hashes, remembered for a short while so that a call costs no query.</summary>
internal sealed class ApiKeys(NpgsqlDataSource database, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private const string Find = "SELECT name, scopes FROM api_key WHERE key_hash = @hash AND revoked_at IS NULL";
    private const string Count = "SELECT count(*) FROM api_key WHERE revoked_at IS NULL";
    private const string Add = """
        INSERT INTO api_key (key_hash, name, scopes) VALUES (@hash, @name, @scopes)
        ON CONFLICT (key_hash) DO UPDATE SET scopes = excluded.scopes, revoked_at = NULL
        """;

    // A key that was revoked works this long yet.
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (ApiKey Key, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>Whose the key is and what it may do; null where there is no such key.</summary>
    public async ValueTask<ApiKey?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var hash = Hash(key);
        var name = Convert.ToHexString(hash);
        if (_known.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < Remembered)
            return known.Key;

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Find, connection);
        command.Parameters.Add(new NpgsqlParameter<byte[]>("hash", hash));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var found = new ApiKey(reader.GetString(0), reader.GetFieldValue<string[]>(1));
        if (_known.Count >= MaxRemembered)
            _known.Clear();
        _known[name] = (found, time.GetTimestamp());
        return found;
    }

    /// <summary>Takes a key in that the operator chose.</summary>
    public async Task RegisterAsync(string key, string name, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            Add, new { hash = Hash(key), name, scopes = scopes.ToArray() }, cancellationToken: cancellationToken));
    }

    /// <summary>Makes the first key where there is none yet.</summary>
    /// <returns>The key, to be shown once; null where there are keys.</returns>
    public async Task<string?> CreateFirstAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(Count, cancellationToken: cancellationToken)) > 0)
                return null;
        }

        var key = $"cg_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))}";
        await RegisterAsync(key, "first", [Scope.Admin], cancellationToken);
        return key;
    }

    // A key has 192 random bits, so a plain hash can't be searched through; a slow one would only slow every call.
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
