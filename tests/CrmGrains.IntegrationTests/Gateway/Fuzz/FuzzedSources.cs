using CrmGrains.Core.Configuration;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Samples;
using CrmGrains.Intake.Signatures;
using CrmGrains.IntegrationTests.EndToEnd;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>The sources of the demo's workspace, each with a secret that its deliveries are signed with and one that nobody knows of.</summary>
internal sealed class FuzzedSources
{
    private readonly Dictionary<string, string> _secrets = [];
    private readonly Dictionary<string, string> _others = [];
    private readonly WorkspaceConfiguration _workspace;

    public FuzzedSources(Installation installation)
    {
        var file = WorkspaceFile.Parse(installation.Workspaces.DemoFile, installation.Workspaces.Text);
        _workspace = file.Configuration ?? throw new InvalidOperationException(string.Join('\n', file.Faults));
        All = [.. _workspace.Sources.Values];
        foreach (var source in All)
        {
            var verification = source.Verification;
            var (verifying, signing) = SchemeSecrets.New(verification.Scheme);
            if (installation.Environment.TryAdd(Name(verification.Secrets[0]), verifying) && verification.SigningSecret is { } reference)
                installation.Environment.TryAdd(Name(reference), signing ?? verifying);
            if (source.Pull is { } pull)
                installation.Environment.TryAdd(Name(pull.Token), "pat-test");
            _secrets[source.Name] = installation.Environment[Name(verification.SigningSecret ?? verification.Secrets[0])];
            var other = SchemeSecrets.New(verification.Scheme);
            _others[source.Name] = other.Signing ?? other.Verifying;
        }
    }

    public IReadOnlyList<SourceConfiguration> All { get; }

    /// <summary>What a source's vendor sends.</summary>
    public static IReadOnlyList<FormatSample> Samples(SourceConfiguration source) => [.. FormatSample.Of(source.Format)];

    /// <summary>The headers that the source's sender would add, or somebody who has another secret.</summary>
    public IReadOnlyDictionary<string, string> Sign(SourceConfiguration source, byte[] body, bool isGenuine, string deliveryId) =>
        SignatureScheme.For(source.Verification).Sign(
            body, (isGenuine ? _secrets : _others)[source.Name], deliveryId, TimeProvider.System.GetUtcNow());

    private static string Name(string reference) => reference["env:".Length..];
}
