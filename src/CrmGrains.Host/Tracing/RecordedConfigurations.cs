using System.Collections.Concurrent;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using Npgsql;
using NpgsqlTypes;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Host.Tracing;

/// <summary>Configurations by the hash that ledger entries name: the one in force, and those that were.</summary>
internal sealed class RecordedConfigurations(IWorkspaces workspaces, NpgsqlDataSource database)
{
    // A file may have a megabyte, and people ask about events of the same days.
    private const int MostRemembered = 16;

    private readonly ConcurrentDictionary<(string Workspace, string Hash), WorkspaceConfiguration> _read = new();

    /// <summary>The configuration of a hash; null where it wasn't kept, or this version can't read it any more.</summary>
    public async ValueTask<WorkspaceConfiguration?> FindAsync(string workspace, string hash, CancellationToken cancellationToken)
    {
        if (workspaces.Find(workspace) is { } current && current.Hash == hash)
            return current;
        if (_read.TryGetValue((workspace, hash), out var known))
            return known;

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(TraceSql.Configuration, connection);
        command.Parameters.With(NpgsqlDbType.Text, hash).With(NpgsqlDbType.Text, workspace);
        if (await command.ExecuteScalarAsync(cancellationToken) is not string body
            || WorkspaceFile.Parse($"{workspace}.yaml", body).Configuration is not { } read)
            return null;
        if (_read.Count >= MostRemembered)
            _read.Clear();
        return _read[(workspace, hash)] = read;
    }
}
