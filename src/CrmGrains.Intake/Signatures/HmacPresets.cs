using System.Security.Cryptography;

namespace CrmGrains.Intake.Signatures;

/// <summary>The vendors that sign with a shared secret, as data. README.md has them in a table, with what isn't certain about them.</summary>
internal static class HmacPresets
{
    public static IReadOnlyDictionary<string, HmacForm> All { get; } = new[]
    {
        // Stripe's own libraries refuse what is too old and nothing else.
        new HmacForm { Name = "stripe", Header = "Stripe-Signature", Text = new("{timestamp}.{body}"), Timestamp = TimestampPlace.InList, MayBeEarly = true },
        new HmacForm
        {
            Name = "calendly", Header = "Calendly-Webhook-Signature", Text = new("{timestamp}.{body}"), Timestamp = TimestampPlace.InList,
            Tolerance = TimeSpan.FromMinutes(3),
        },

        // Our own, for scripts: README.md of the sources has the recipe for Google Sheets.
        new HmacForm { Name = "sheets", Header = "X-CrmGrains-Signature", Text = new("{timestamp}.{body}"), Timestamp = TimestampPlace.InList },
        new HmacForm { Name = "typeform", Header = "Typeform-Signature", Prefix = "sha256=", Encoding = SignatureEncoding.Base64 },
        new HmacForm { Name = "tally", Header = "Tally-Signature", Encoding = SignatureEncoding.Base64 },
        new HmacForm
        {
            Name = "webflow", Header = "X-Webflow-Signature", Text = new("{timestamp}:{body}"),
            Timestamp = new("X-Webflow-Timestamp", IsInMilliseconds: true),
        },

        // Whoever has one of these two signatures can make the signature of the body with padding and more behind it. The padding is
        // neither UTF-8 nor JSON, so such a body is refused afterwards.
        new HmacForm { Name = "hubspot_v1", Header = "X-HubSpot-Signature", IsKeyed = false },
        new HmacForm { Name = "hubspot_v2", Header = "X-HubSpot-Signature", IsKeyed = false, Text = new("{method}{url}{body}") },
        new HmacForm
        {
            Name = "hubspot_v3", Header = "X-HubSpot-Signature-v3", Text = new("{method}{url}{body}{timestamp}"), Encoding = SignatureEncoding.Base64,
            Timestamp = new("X-HubSpot-Request-Timestamp", IsInMilliseconds: true),
        },
        new HmacForm { Name = "shopify", Header = "X-Shopify-Hmac-Sha256", Encoding = SignatureEncoding.Base64 },
        new HmacForm { Name = "github", Header = "X-Hub-Signature-256", Prefix = "sha256=" },
        new HmacForm
        {
            Name = "zoom", Header = "x-zm-signature", Prefix = "v0=", Text = new("v0:{timestamp}:{body}"), Timestamp = new("x-zm-request-timestamp"),
        },
        new HmacForm
        {
            Name = "slack", Header = "X-Slack-Signature", Prefix = "v0=", Text = new("v0:{timestamp}:{body}"),
            Timestamp = new("X-Slack-Request-Timestamp"),
        },
        new HmacForm { Name = "fireflies", Header = "x-hub-signature", Prefix = "sha256=", MayLackPrefix = true },
        new HmacForm
        {
            Name = "airtable", Header = "X-Airtable-Content-MAC", Prefix = "hmac-sha256=", Encoding = SignatureEncoding.HexOrBase64, IsSecretBase64 = true,
        },
        new HmacForm { Name = "callrail", Header = "Signature", Hash = HashAlgorithmName.SHA1, Encoding = SignatureEncoding.Base64 },
    }.ToDictionary(form => form.Name, StringComparer.Ordinal);
}
