using System.CommandLine;
using CrmGrains.Host.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains workspace check</c> and <c>secrets</c></summary>
internal static class WorkspaceCommand
{
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Workspace files.", Arity = ArgumentArity.OneOrMore };
        var check = new Command("check", "The same as `config check`, for several files.") { files };
        check.SetAction(async (parsed, cancellationToken) =>
        {
            var areValid = true;
            foreach (var info in parsed.GetRequiredValue(files))
                areValid &= await ConfigCommand.CheckAsync(info, asJson: false, cancellationToken);
            return areValid ? 0 : 1;
        });
        return new Command("workspace", "The configuration of a business.") { check, Secrets() };
    }

    private static Command Secrets()
    {
        var file = new Argument<FileInfo>("file") { Description = "A workspace file." };
        var env = new Option<FileInfo>("--env") { Description = "A file of NAME=value lines: names that it has are left out.", Required = true };
        var secrets = new Command("secrets", "Makes a secret for each `env:` reference of a source that has none yet, in the form of the source's scheme.")
        {
            file, env,
        };
        secrets.SetAction(async (parsed, cancellationToken) =>
        {
            var info = parsed.GetRequiredValue(file);
            var read = WorkspaceFile.Parse(info.ToString(), await File.ReadAllTextAsync(info.FullName, cancellationToken));
            if (!read.IsValid)
            {
                await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, read.Faults));
                return 1;
            }

            var known = parsed.GetRequiredValue(env) is { Exists: true } kept
                ? (await File.ReadAllLinesAsync(kept.FullName, cancellationToken)).Select(line => line.Split('=')[0]).ToHashSet(StringComparer.Ordinal)
                : [];
            foreach (var source in read.Configuration.Sources.Values)
            {
                var (verifying, signing) = SchemeSecrets.New(source.Verification.Scheme);
                (string? Reference, string? Value)[] made =
                    [(source.Verification.Secrets[0], verifying), (source.Verification.SigningSecret, signing), (source.Pull?.Token, SchemeSecrets.New("").Verifying)];
                foreach (var (reference, value) in made)
                {
                    // A pair is made together: half of one from before wouldn't fit.
                    if (reference is not null && value is not null && reference.StartsWith("env:", StringComparison.Ordinal) && known.Add(reference[4..]))
                        await Console.Out.WriteLineAsync($"{reference[4..]}={value}");
                }
            }

            return 0;
        });
        return secrets;
    }
}
