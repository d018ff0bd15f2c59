using Npgsql;

namespace CrmGrains.IntegrationTests.Databases;

/// <summary>A database of a test's or test class's own, with all migrations; gone when it is disposed.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Template = new(async () => await (await TestServer.GetAsync()).TemplateAsync());

    private readonly TestServer _server;
    private readonly string _name;

    private TestDatabase(TestServer server, string name)
    {
        (_server, _name) = (server, name);
        ConnectionString = server.ConnectionStringOf(name);
        DataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public string ConnectionString { get; }

    /// <summary>Closed with the database; a test that needs other settings builds its own from the connection string.</summary>
    public NpgsqlDataSource DataSource { get; }

    public static async Task<TestDatabase> CreateAsync() => await CreateAsync(await Template.Value);

    /// <summary>One without any migration.</summary>
    public static Task<TestDatabase> CreateEmptyAsync() => CreateAsync(template: null);

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await using (var pool = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(pool);
        await _server.DropAsync(_name);
    }

    private static async Task<TestDatabase> CreateAsync(string? template)
    {
        var server = await TestServer.GetAsync();
        var name = $"test_{Guid.NewGuid():N}";
        await server.CreateAsync(name, template);
        return new TestDatabase(server, name);
    }
}
