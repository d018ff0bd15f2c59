using System.Security.Cryptography;

namespace CrmGrains.Intake.Signatures;

/// <summary>Makes secrets in the form in which the senders of a scheme hand them out: for a demo, and for senders of one's own.</summary>
public static class SchemeSecrets
{
    private const int Bytes = 32;

    /// <summary>A new secret.</summary>
    /// <param name="scheme">Of the source.</param>
    /// <returns>What verifies and, where that is a public key, what signs.</returns>
    public static (string Verifying, string? Signing) New(string scheme)
    {
        var random = RandomNumberGenerator.GetBytes(Bytes);
        switch (scheme)
        {
            case StandardWebhooksScheme.SchemeName:
                return ($"whsec_{Convert.ToBase64String(random)}", null);
            case "airtable":
                return (Convert.ToBase64String(random), null);
            case BasicScheme.SchemeName:
                return ($"crmgrains:{Convert.ToHexStringLower(random)}", null);
            case "ed25519":
                return (Convert.ToBase64String(Ed25519.PublicOf(random)), Convert.ToBase64String(random));
            case SendGridScheme.SchemeName:
                using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                    return (Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), Convert.ToBase64String(key.ExportPkcs8PrivateKey()));
            default:
                return (Convert.ToHexStringLower(random), null);
        }
    }
}
