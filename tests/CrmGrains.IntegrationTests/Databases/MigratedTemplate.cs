using System.Security.Cryptography;
using System.Text;
using CrmGrains.Runtime.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CrmGrains.IntegrationTests.Databases;

/// <summary>What every test database is a copy of.</summary>
internal static class MigratedTemplate
{
    /// <summary>Of all migrations, so that a server that is kept between runs never serves an old schema.</summary>
    public static string Hash { get; } = Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', MigrationScript.Embedded.Select(s => s.Name + s.Sha256)))))[..16];

    public static async Task FillAsync(string connectionString)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var database = NpgsqlDataSource.Create(unpooled);
        await Migrations.ApplyAsync(database, NullLogger.Instance, CancellationToken.None);
    }
}
