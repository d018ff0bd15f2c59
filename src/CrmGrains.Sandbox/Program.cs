using System.ComponentModel.DataAnnotations;
using CrmGrains.Sandbox;

try
{
    var options = new ConfigurationBuilder()
        .AddEnvironmentVariables("CRMGRAINS_SANDBOX_")
        .AddCommandLine(args)
        .Build()
        .Get<SandboxOptions>() ?? new SandboxOptions();

    options.SmtpPort ??= 8025;
    await using var app = SandboxServer.Build(options, TimeProvider.System);
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (failure is ValidationException or InvalidOperationException or FormatException
    or IOException or System.Net.Sockets.SocketException or InvalidDataException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"The sandbox cannot start: {failure.Message}");
    return 1;
}
