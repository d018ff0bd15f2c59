using CrmGrains.Sandbox;

var options = new ConfigurationBuilder()
    .AddEnvironmentVariables("CRMGRAINS_SANDBOX_")
    .AddCommandLine(args)
    .Build()
    .Get<SandboxOptions>() ?? new SandboxOptions();

await using var app = SandboxServer.Build(options, TimeProvider.System);
await app.RunAsync();
