using CrmGrains.Core.Configuration;
using CrmGrains.Faults.Cluster;
using CrmGrains.Intake.Signatures;

namespace CrmGrains.Faults.Traffic;

/// <summary>Signs as each of the workspace's sources signs.</summary>
internal static class SigningSources
{
    private static readonly Dictionary<string, (SignatureScheme Scheme, string Secret)> Sources = new()
    {
        ["diagnostic"] =
            (SignatureScheme.For(new VerificationConfiguration { Scheme = "standard_webhooks", Secrets = [] }), Workspace.DiagnosticSecret),
        ["generic"] =
            (SignatureScheme.For(new VerificationConfiguration { Scheme = "hmac", Secrets = [], Header = "X-Signature" }),
             Workspace.GenericSecret),
    };

    /// <summary>The headers that the source would add.</summary>
    public static IReadOnlyDictionary<string, string> Sign(Delivery delivery)
    {
        var (scheme, secret) = Sources[delivery.Source];
        return scheme.Sign(delivery.Body, secret, delivery.DeliveryId, TimeProvider.System.GetUtcNow());
    }
}
