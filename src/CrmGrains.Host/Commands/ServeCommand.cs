using System.CommandLine;
using System.Runtime.InteropServices;
using CrmGrains.Host.Serving;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains serve</c></summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var roles = new Option<string>("--roles")
        {
            Description = "What this process does: all, or a list of gateway, silo, console.",
            DefaultValueFactory = _ => Setting("CRMGRAINS_ROLES") ?? "all",
        };
        roles.Validators.Add(result =>
        {
            if (Role.Parse(result.GetValueOrDefault<string>()) is null)
                result.AddError("--roles takes all, or a list of gateway, silo and console, for example gateway,console.");
        });
        var urls = new Option<string>("--urls")
        {
            Description = "Where it listens; several are separated by semicolons.",
            DefaultValueFactory = _ => Setting("CRMGRAINS_URLS") ?? ServeOptions.DefaultUrl,
        };
        var workspaces = new Option<string>("--workspaces")
        {
            Description = "The folder with one YAML file for each workspace.",
            DefaultValueFactory = _ => Setting("CRMGRAINS_WORKSPACES") ?? ServeOptions.DefaultWorkspaces,
        };
        var postgres = SharedOptions.Postgres();
        var data = SharedOptions.Data();
        var command = new Command("serve", "Runs the gateway, silos and console.") { roles, urls, postgres, data, workspaces };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new ServeOptions
            {
                Urls = parsed.GetRequiredValue(urls),
                Postgres = parsed.GetValue(postgres),
                Data = parsed.GetRequiredValue(data),
                Workspaces = parsed.GetRequiredValue(workspaces),
                Roles = Role.Parse(parsed.GetRequiredValue(roles)) ?? new HashSet<string>(),
                ApiKey = Setting("CRMGRAINS_API_KEY"),
            };
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.Cancel();
            }

            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            return await Server.RunAsync(options, stop.Token);
        });
        return command;
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
