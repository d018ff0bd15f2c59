using System.CommandLine;
using CrmGrains.Host.Configuration;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains workspace check</c></summary>
internal static class WorkspaceCommand
{
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Workspace files.", Arity = ArgumentArity.OneOrMore };
        var check = new Command("check", "Reads workspace files as serve would and names every fault with its line; exit code 1 if there is one.") { files };
        check.SetAction(async (parsed, cancellationToken) =>
        {
            var faults = 0;
            foreach (var info in parsed.GetRequiredValue(files))
            {
                if (!info.Exists)
                {
                    await Console.Out.WriteLineAsync($"{info}: there is no such file.");
                    faults++;
                    continue;
                }

                var file = WorkspaceFile.Parse(info.ToString(), await File.ReadAllTextAsync(info.FullName, cancellationToken));
                foreach (var fault in file.Faults)
                    await Console.Out.WriteLineAsync(fault.ToString());
                faults += file.Faults.Count;
                if (file.IsValid)
                    await Console.Out.WriteLineAsync($"{info}: valid, {file.Configuration.Sources.Count} sources, hash {file.Configuration.Hash[..12]}.");
            }

            return faults == 0 ? 0 : 1;
        });
        return new Command("workspace", "The configuration of a business.") { check };
    }
}
