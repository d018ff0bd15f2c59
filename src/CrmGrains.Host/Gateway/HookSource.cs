using System.Runtime.CompilerServices;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;
using CrmGrains.Intake.Sources.Handshakes;

namespace CrmGrains.Host.Gateway;

/// <summary>A configured source, ready to receive: made once for each configuration.</summary>
internal sealed class HookSource(SourceConfiguration configuration)
{
    private static readonly ConditionalWeakTable<SourceConfiguration, HookSource> Known = [];

    public SourceConfiguration Configuration => configuration;

    public SignatureScheme Scheme { get; } = SignatureScheme.For(configuration.Verification);

    public SenderManners Manners { get; } = SenderManners.Of(configuration);

    /// <summary>What bodies are taken in.</summary>
    public BodyKind Body { get; } = SenderManners.Of(configuration).Body ?? SourceFormats.For(configuration.Format).Body;

    /// <summary>What the vendor sends beside events; null where it sends nothing else.</summary>
    public Handshake? Handshake { get; } = Handshake.For(configuration.Verification.Scheme);

    /// <summary>The source of a hook's address; null where nobody configured it.</summary>
    public static HookSource? Find(IWorkspaces workspaces, string workspace, string source) =>
        workspaces.Find(workspace)?.Sources.GetValueOrDefault(source) is { } configuration
            ? Known.GetValue(configuration, static found => new HookSource(found))
            : null;
}
