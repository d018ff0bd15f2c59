using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;
using CrmGrains.IntegrationTests.EndToEnd;
using CrmGrains.IntegrationTests.Engine;
using Xunit.Abstractions;

namespace CrmGrains.IntegrationTests.Gateway;

/// <summary>A gateway with a source for each vendor that wants answers of its own, named after its scheme. No silo.</summary>
public sealed class VendorFixture : IAsyncLifetime
{
    public const string Secret = "zoom_demo_1";
    public const string Credentials = "kai:pass:word";
    public const string Address = "https://hooks.crmgrains.test/v1/hooks/demo";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private static readonly string[] Schemes =
        ["slack", "zoom", "github", "hubspot_v3", "twilio", "airtable", "sendgrid", "basic", "api_key", "typeform"];

    private readonly (string Public, string Private) _mail = NewPair();
    private Installation? _installation;

    internal Installation Installation => _installation ?? throw new InvalidOperationException("The gateway has not started.");

    public async Task InitializeAsync()
    {
        _installation = await Installation.CreateQuickAsync(new NoOutput());
        _installation.Environment["VENDOR_SECRET"] = Secret;
        _installation.Environment["BASIC_SECRET"] = Credentials;
        _installation.Environment["AIRTABLE_SECRET"] = Convert.ToBase64String("airtable"u8);
        _installation.Environment["SENDGRID_SECRET"] = _mail.Public;
        _installation.Workspaces.Change("sources:\n", $"sources:\n{string.Concat(Schemes.Select(Source))}");
        await _installation.StartAsync("gateway");
    }

    public async Task DisposeAsync()
    {
        if (_installation is not null)
            await _installation.DisposeAsync();
    }

    /// <summary>What the source's sender would add.</summary>
    internal IReadOnlyDictionary<string, string> Sign(string scheme, byte[] body) =>
        SignatureScheme.For(new VerificationConfiguration { Scheme = scheme, Secrets = [], Url = $"{Address}/{scheme}" })
            .Sign(body, SecretOf(scheme), "d1", TimeProvider.System.GetUtcNow());

    /// <summary>Sends a signed delivery.</summary>
    internal Task<HttpResponseMessage> SendAsync(
        string scheme, byte[] body, string contentType = "application/json", params (string Name, string Value)[] more) =>
        SendAsync(scheme, body, Sign(scheme, body), contentType, more);

    internal async Task<HttpResponseMessage> SendAsync(
        string scheme, byte[] body, IReadOnlyDictionary<string, string> headers, string contentType = "application/json",
        params (string Name, string Value)[] more)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Installation.Host.Url}/v1/hooks/demo/{NameOf(scheme)}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in more)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(request);
    }

    internal Task<long> StoredAsync() => Installation.Database.ValueAsync<long>("SELECT count(*) FROM raw_event");

    /// <summary>How often deliveries of a source were answered so.</summary>
    internal async Task<long> AnsweredAsync(string source, int status, string answer)
    {
        var metrics = (await Installation.Api.GetAsync("/metrics")).Text;
        return metrics.Split('\n')
            .Where(line => line.StartsWith("deliveries_total{", StringComparison.Ordinal)
                && line.Contains($"source=\"{NameOf(source)}\"", StringComparison.Ordinal)
                && line.Contains($"status=\"{status}\"", StringComparison.Ordinal)
                && line.Contains($"answer=\"{answer}\"", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    // Apart from those that the demo workspace has.
    internal static string NameOf(string scheme) => $"of_{scheme}";

    private static string Source(string scheme)
    {
        var url = SchemeWords.SignsUrl(scheme) ? $", url: {Address}/{scheme}" : "";
        return $$"""
              {{NameOf(scheme)}}:
                format: json
                system: {{scheme}}
                verification: {scheme: {{scheme}}, secrets: [{{Reference(scheme)}}]{{url}}}
                delivery_id: {paths: [id]}
                map: {contact.email: email}

            """;
    }

    private static string Reference(string scheme) => scheme switch
    {
        "basic" => "env:BASIC_SECRET", "airtable" => "env:AIRTABLE_SECRET", "sendgrid" => "env:SENDGRID_SECRET", _ => "env:VENDOR_SECRET",
    };

    private string SecretOf(string scheme) => scheme switch
    {
        "basic" => Credentials, "airtable" => Installation.Environment["AIRTABLE_SECRET"], "sendgrid" => _mail.Private, _ => Secret,
    };

    private static (string Public, string Private) NewPair()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (Convert.ToBase64String(ecdsa.ExportSubjectPublicKeyInfo()), Convert.ToBase64String(ecdsa.ExportPkcs8PrivateKey()));
    }

    private sealed class NoOutput : ITestOutputHelper
    {
        public void WriteLine(string message)
        {
        }

        public void WriteLine(string format, params object[] args)
        {
        }
    }
}
