using System.CommandLine;
using System.Text.Json;
using CrmGrains.Host.Ledger;
using CrmGrains.Runtime.Ledger;
using Npgsql;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains ledger verify</c></summary>
internal static class LedgerCommand
{
    public static Command Create()
    {
        var postgres = SharedOptions.Postgres();
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var verify = new Command("verify", "Follows every chain of the ledger and says where one is broken; exit code 1 if one is.")
        {
            postgres, url, key, data,
        };
        verify.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            IReadOnlyList<ChainReport> reports;
            if (parsed.GetValue(postgres) is { } connectionString)
            {
                await using var database = NpgsqlDataSource.Create(connectionString);
                reports = await LedgerVerification.VerifyAsync(database, cancellationToken).ToListAsync(cancellationToken);
            }
            else
            {
                using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
                var answer = await host.GetAsync("/v1/ledger/verify", cancellationToken);
                reports = answer.Deserialize(LedgerJson.Default.ListChainReport) ?? [];
            }

            foreach (var broken in reports.Where(report => report.BrokenAt is not null))
                await Console.Out.WriteLineAsync($"Chain {broken.Partition} is broken at position {broken.BrokenAt}: {broken.Reason}");
            var entries = reports.Sum(report => report.Entries);
            var erased = reports.Sum(report => report.Erased);
            var bad = reports.Count(report => report.BrokenAt is not null);
            await Console.Out.WriteLineAsync(bad == 0
                ? $"{reports.Count} chains with {entries} entries verify{(erased == 0 ? "" : $"; the detail of {erased} was erased")}."
                : $"{bad} of {reports.Count} chains are broken; {entries} entries verify.");
            return bad == 0 ? 0 : 1;
        }));
        return new Command("ledger", "What was done and why.") { verify };
    }
}
