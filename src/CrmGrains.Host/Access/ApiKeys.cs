using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace CrmGrains.Host.Access;

/// <summary>A key that is known.</summary>
/// <param name="Name">What it is called; of whoever has it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Workspace">Where; null: everywhere.</param>
internal sealed record ApiKey(string Name, IReadOnlyList<string> Scopes, string? Workspace);

/// <summary>What a new key shall be.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Role">What it may do; null where it has scopes of its own.</param>
/// <param name="Scopes">What it may do where it has no role.</param>
/// <param name="Workspace">Where; null: everywhere.</param>
internal sealed record NewApiKey(string Name, string? Role, IReadOnlyList<string> Scopes, string? Workspace);

/// <summary>What revoking a key came to.</summary>
internal enum Revocation
{
    Revoked,
    Unknown,

    /// <summary>Nobody could make keys any more.</summary>
    LastOfAll,
}

/// <summary>The API keys: random, stored as hashes, remembered for a short while so that a call costs no query.</summary>
internal sealed class ApiKeys(NpgsqlDataSource database, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private const int PrefixLength = 9;

    // A key that was revoked elsewhere works this long yet.
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (ApiKey Key, long At)> _known = new(StringComparer.Ordinal);

    /// <summary>Whose the key is and what it may do; null where there is no such key.</summary>
    public async ValueTask<ApiKey?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var hash = Hash(key);
        var name = Convert.ToHexString(hash);
        if (_known.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < Remembered)
            return known.Key;

        var askedAt = time.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(string Name, string? Role, string[] Scopes, string? Workspace)?>(
            new CommandDefinition(ApiKeySql.Find, new { hash }, cancellationToken: cancellationToken));
        if (row is not { } found)
        {
            _known.TryRemove(name, out _);
            return null;
        }

        var api = new ApiKey(found.Name, found.Role is { } role ? Role.ScopesOf(role) : found.Scopes, found.Workspace);
        if (_known.Count >= MaxRemembered)
            _known.Clear();
        _known[name] = (api, askedAt);
        return api;
    }

    /// <summary>Takes a key in that the operator chose; it may do everything.</summary>
    public async Task RegisterAsync(string key, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            ApiKeySql.Register, new { hash = Hash(key), name, scopes = new[] { Scope.Admin }, prefix = PrefixOf(key) }, cancellationToken: cancellationToken));
    }

    /// <summary>Makes the first key where there is none yet.</summary>
    /// <returns>The key, to be shown once; null where there are keys.</returns>
    public async Task<string?> CreateFirstAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(ApiKeySql.Count, cancellationToken: cancellationToken)) > 0)
                return null;
        }

        var key = NewKey();
        await RegisterAsync(key, "first", cancellationToken);
        return key;
    }

    /// <summary>Makes a key.</summary>
    /// <returns>Its id, and the key itself, to be shown once.</returns>
    public async Task<(Guid Id, string Key)> CreateAsync(NewApiKey wanted, string by, CancellationToken cancellationToken)
    {
        var (key, isBound) = (NewKey(), wanted.Workspace is not null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var id = await connection.ExecuteScalarAsync<Guid>(new CommandDefinition(
            ApiKeySql.Add,
            new
            {
                hash = Hash(key), prefix = PrefixOf(key), wanted.Name, wanted.Role, wanted.Workspace, by,
                scopes = isBound ? [] : wanted.Scopes.ToArray(), boundScopes = isBound ? wanted.Scopes.ToArray() : [],
            },
            cancellationToken: cancellationToken));
        return (id, key);
    }

    /// <summary>Keys in the order in which they were made, those that were revoked too.</summary>
    public async Task<IReadOnlyList<ApiKeyItem>> ListAsync(string? workspace, Guid? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<ApiKeyItem>(new CommandDefinition(
            ApiKeySql.List, new { workspace, after, limit }, cancellationToken: cancellationToken)))
            .Select(item => item with { Scopes = item.Role is { } role ? [.. Role.ScopesOf(role)] : item.Scopes })];
    }

    /// <summary>Revokes a key: at once in this process, in others within seconds.</summary>
    public async Task<Revocation> RevokeAsync(Guid id, string? workspace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(ApiKeySql.Lock, cancellationToken: cancellationToken));
        var (meant, revoked) = await connection.QuerySingleAsync<(long, long)>(new CommandDefinition(
            ApiKeySql.Revoke, new { id, workspace }, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        _known.Clear();
        return (meant, revoked) switch
        {
            (0, _) => Revocation.Unknown,
            (_, 0) => Revocation.LastOfAll,
            _ => Revocation.Revoked,
        };
    }

    private static string NewKey() => $"cg_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))}";

    // Of a key that an operator chose and that is short, nothing is shown.
    private static string PrefixOf(string key) => key.Length >= 4 * PrefixLength ? key[..PrefixLength] : "";

    // A key has 192 random bits, so a plain hash can't be searched through; a slow one would only slow every call.
    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
