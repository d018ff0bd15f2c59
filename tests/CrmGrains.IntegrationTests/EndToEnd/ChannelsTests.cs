using System.Net.Http.Json;
using System.Text.Json;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>The demo workspace's channels in a whole host: what is queued for them goes where the configuration says.</summary>
public sealed class ChannelsTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_is_queued_for_a_channel_arrives_and_what_has_no_channel_is_asked_about()
    {
        var root = Directory.CreateTempSubdirectory("crmgrains-files-");
        await using var installation = await Installation.CreateQuickAsync(output);
        installation.Environment["CRMGRAINS__Channels__FileRoot"] = root.FullName;
        installation.Environment["CRMGRAINS__Outbox__AbsentAfter"] = "00:00:00";
        installation.Environment["CRMGRAINS__Outbox__SweepInterval"] = "00:00:01";
        await installation.ServeAsync();

        foreach (var command in (CrmCommand[])[
            new CrmCommand.SendMail("mail", "ada@nordwind.test", "Hello", "Hello.", null, null, "hello"),
            new CrmCommand.PostNotice("team", "A lead", "lead"),
            new CrmCommand.CallWebhook("partner", "lead.routed", "{}", "tell"),
            new CrmCommand.DropFile("documents", "lead.txt", "A lead", "export"),
            new CrmCommand.PostNotice("nowhere", "A lead", "lost")])
            await QueueAsync(installation, command);

        await installation.UntilAsync("all commands to end and the review to be open", async () =>
            await installation.Database.ValueAsync<long>("SELECT count(*) FROM command WHERE state = 'succeeded'") == 4
            && await installation.Database.ValueAsync<long>("SELECT count(*) FROM review WHERE reason = 'not_configured' AND closed_at IS NULL") == 1);
        using var http = new HttpClient { BaseAddress = new Uri(installation.Sandbox.Url) };
        foreach (var what in (string[])["mails", "notices", "webhooks"])
            Assert.Equal(1, (await http.GetFromJsonAsync<JsonElement>($"/sandbox/{what}")).GetProperty("count").GetInt32());
        Assert.Equal("A lead", await File.ReadAllTextAsync(Assert.Single(root.GetFiles("*.txt", SearchOption.AllDirectories)).FullName));
        Assert.DoesNotContain("nordwind.test", installation.Host.Tail(), StringComparison.Ordinal);
        root.Delete(recursive: true);
    }

    private static async Task QueueAsync(Installation installation, CrmCommand command)
    {
        var grain = GrainId.Of("demo", GrainKind.Customer, "ada");
        await using var insert = installation.Database.CreateCommand("""
            INSERT INTO command (workspace, account, effect_key, grain, partition, object, operation, lane, body)
            VALUES ('demo', $1, $2, $3, $4, $5, $6, $2, $7)
            """);
        var account = CommandAccount.OfChannel("demo", command.Channel ?? "");
        foreach (var value in (object[])[
            account, $"test/1/{command.Object}/{command.Operation}", grain.ToString(), MailboxPartition.Of(grain), command.Object, command.Operation,
            JsonSerializer.Serialize(command, CoreJson.Default.CrmCommand)])
            insert.Parameters.Add(new Npgsql.NpgsqlParameter { Value = value });
        await insert.ExecuteNonQueryAsync();
    }
}
