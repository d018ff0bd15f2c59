using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Host.Commands;

/// <summary>Sends deliveries as a source would: signed by its scheme, with the first of its secrets, or with its private key.</summary>
internal sealed class SignedSender(HostClient host, WorkspaceConfiguration workspace, string data)
{
    private readonly IReadOnlyDictionary<string, string> _demo = DemoEnvironment.Read(data);

    /// <summary>The workspace of a file in the folder.</summary>
    /// <exception cref="HostException">There is none, or it has faults.</exception>
    public static WorkspaceConfiguration Load(string folder, string name)
    {
        var path = Path.Combine(folder, $"{name}.yaml");
        if (!File.Exists(path))
            throw new HostException($"There is no workspace file {path}. Name its folder with --workspaces.");
        var file = WorkspaceFile.Parse(path, File.ReadAllText(path));
        return file.Configuration ?? throw new HostException(string.Join(Environment.NewLine, file.Faults));
    }

    /// <summary>The workspace whose sources it speaks for.</summary>
    public WorkspaceConfiguration Workspace => workspace;

    /// <summary>Sends a delivery.</summary>
    /// <returns>The event's id, and whether it was a repeat.</returns>
    /// <exception cref="HostException">It wasn't taken; the message says why.</exception>
    public Task<(Guid EventId, bool IsDuplicate)> SendAsync(
        string source, byte[] body, string deliveryId, CancellationToken cancellationToken) =>
        SendAsync(source, body, new Dictionary<string, string>(), deliveryId, cancellationToken);

    /// <summary>Sends a delivery with the headers that its sender adds.</summary>
    /// <returns>The event's id, and whether it was a repeat.</returns>
    /// <exception cref="HostException">It wasn't taken; the message says why.</exception>
    public async Task<(Guid EventId, bool IsDuplicate)> SendAsync(
        string source, byte[] body, IReadOnlyDictionary<string, string> headers, string deliveryId, CancellationToken cancellationToken)
    {
        if (!workspace.Sources.TryGetValue(source, out var configuration))
            throw new HostException($"Workspace {workspace.Name} has no source {source}; it has {string.Join(", ", workspace.Sources.Keys)}.");
        var scheme = SignatureScheme.For(configuration.Verification);
        var reference = configuration.Verification.SigningSecret ?? configuration.Verification.Secrets[0];
        var secret = Secret(reference);
        if (scheme.SigningFaultOf(secret) is { } fault)
            throw new HostException($"{reference} can't be used: {fault} Where a source verifies with a public key, name the private one as `signing_secret`.");
        var signed = scheme.Sign(body, secret, deliveryId, TimeProvider.System.GetUtcNow());
        var all = new Dictionary<string, string>(headers.Concat(signed), StringComparer.OrdinalIgnoreCase);
        return await host.DeliverAsync($"/v1/hooks/{workspace.Name}/{source}", body, all, cancellationToken);
    }

    private string Secret(string reference)
    {
        var name = reference.StartsWith("env:", StringComparison.Ordinal) ? reference[4..] : null;
        if (name is not null && (Environment.GetEnvironmentVariable(name) ?? _demo.GetValueOrDefault(name)) is { } value)
            return value;
        var secrets = new Secrets(TimeProvider.System);
        return secrets.TryResolve(reference, out var resolved)
            ? resolved
            : throw new HostException($"The secret {reference} isn't set here. Set it, or point --data to the demo's data folder.");
    }
}
