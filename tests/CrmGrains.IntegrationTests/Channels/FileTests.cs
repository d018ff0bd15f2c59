using CrmGrains.Connectors.Channels;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.IntegrationTests.Channels;

public sealed class FileTests : ChannelTest, IDisposable
{
    private static readonly CrmCommand Drop = new CrmCommand.DropFile("documents", "../report.csv", "name;amount\nAda;12", "export");

    private static readonly ChannelConfiguration Channel = new ChannelConfiguration.Files("acme/documents")
    {
        Name = "documents", Limit = new RateLimit(1_000, TimeSpan.FromSeconds(1)),
    };

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("crmgrains-files-");

    private string Folder => Path.Combine(_root.FullName, "acme", "documents");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_file_is_dropped_whole_into_its_folder_and_nowhere_else()
    {
        await Bench.StartAsync(Connect(Channel, Granted));

        await Bench.InsertAsync(Drop);
        await Bench.AllEndedAsync();

        var file = Assert.Single(_root.GetFiles("*", SearchOption.AllDirectories));
        Assert.Equal(Folder, file.DirectoryName);
        Assert.Equal("name;amount\nAda;12", await File.ReadAllTextAsync(file.FullName));
        Assert.Equal(("succeeded", "written", file.Name), (await Bench.RowsAsync()).Select(row => (row.State, row.Action, row.CrmId)).Single());
    }

    [Fact]
    public async Task A_repeat_finds_its_file_and_a_strangers_file_is_never_written_over()
    {
        await Bench.StartAsync(Connect(Channel, Granted));
        await Bench.InsertAsync(Drop);
        await Bench.AllEndedAsync();
        var file = Assert.Single(_root.GetFiles("*", SearchOption.AllDirectories));

        await Bench.ScalarAsync<int>("UPDATE command SET state = 'sent', ended_at = NULL");
        await Bench.RestartAsync(Connect(Channel, Granted));
        await Bench.AllEndedAsync();
        Assert.Equal(("succeeded", "found"), (await Bench.RowsAsync()).Select(row => (row.State, row.Action)).Single());

        await File.WriteAllTextAsync(file.FullName, "somebody else's");
        await Bench.ScalarAsync<int>("UPDATE command SET state = 'sent', ended_at = NULL");
        await Bench.RestartAsync(Connect(Channel, Granted));
        await Bench.AllEndedAsync();
        Assert.Equal(("manual_review", "file_exists"), (await Bench.RowsAsync()).Select(row => (row.State, row.Error)).Single());
        Assert.Equal("somebody else's", await File.ReadAllTextAsync(file.FullName));
    }

    [Fact]
    public async Task What_an_attempt_that_was_cut_short_left_behind_is_replaced()
    {
        await Bench.StartAsync(Connect(Channel, Granted));
        await Bench.InsertAsync(Drop);
        await Bench.AllEndedAsync();
        var file = Assert.Single(_root.GetFiles("*", SearchOption.AllDirectories));
        File.Move(file.FullName, Path.Combine(Folder, $".{file.Name}.part"));

        await Bench.ScalarAsync<int>("UPDATE command SET state = 'sent', ended_at = NULL");
        await Bench.RestartAsync(Connect(Channel, Granted));
        await Bench.AllEndedAsync();

        Assert.Equal([file.Name], new DirectoryInfo(Folder).GetFiles().Select(found => found.Name));
    }

    [Fact]
    public async Task A_link_below_the_root_leads_nowhere()
    {
        var elsewhere = Directory.CreateTempSubdirectory("crmgrains-elsewhere-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(_root.FullName, "acme"), elsewhere.FullName);
            await Bench.StartAsync(Connect(Channel, Granted), Impatient);

            await Bench.InsertAsync(Drop);
            await PausedAsync("folder_refused");

            Assert.Empty(elsewhere.GetFiles("*", SearchOption.AllDirectories));
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Where_no_folder_is_allowed_nothing_is_written()
    {
        await Bench.StartAsync(Connect(Channel, new ChannelsOptions()), Impatient);

        await Bench.InsertAsync(Drop);

        await PausedAsync("folder_refused");
    }

    private ChannelsOptions Granted => new() { FileRoot = _root.FullName };
}
