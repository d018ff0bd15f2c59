using System.CommandLine;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains dead-letters</c></summary>
internal static class DeadLettersCommand
{
    public static Command Create()
    {
        var list = new Command("list", "Open dead letters, oldest first.");
        With(list, null, async (host, _, cancellationToken) =>
        {
            var page = await host.GetAsync("/v1/dead-letters?limit=500", cancellationToken);
            foreach (var letter in page.GetProperty("items").EnumerateArray())
                await Console.Out.WriteLineAsync(
                    $"{letter.GetProperty("id"),6}  {letter.GetProperty("died_at").GetString()}  {letter.GetProperty("queue").GetString()}  {letter.GetProperty("kind").GetString()}  {letter.GetProperty("grain").GetString()}  {letter.GetProperty("error").GetString()}");
            await Console.Out.WriteLineAsync($"{page.GetProperty("items").GetArrayLength()} open dead letters.");
            return 0;
        });
        return new Command("dead-letters", "Messages and commands that were given up on.")
        {
            list, Ending("retry", "Tries it once more from the first attempt."), Ending("discard", "Ends it without a retry."),
        };
    }

    private static Command Ending(string verb, string description)
    {
        var id = new Argument<long>("id");
        var command = new Command(verb, description) { id };
        With(command, id, async (host, letter, cancellationToken) =>
        {
            await host.PostAsync($"/v1/dead-letters/{letter}/{verb}", null, null, cancellationToken);
            await Console.Out.WriteLineAsync($"Dead letter {letter}: {verb} done.");
            return 0;
        });
        return command;
    }

    private static void With(Command command, Argument<long>? id, Func<HostClient, long, CancellationToken, Task<int>> run)
    {
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        command.Add(url);
        command.Add(key);
        command.Add(data);
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            return await run(host, id is null ? 0 : parsed.GetRequiredValue(id), cancellationToken);
        }));
    }
}
