using System.Text;
using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Host.Samples;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;

namespace CrmGrains.Tests.Intake.Sources;

/// <summary>What a vendor sends, as the program has it for trying sources out; for tests to change what matters to them.</summary>
internal sealed record VendorSample(string Format, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public SourceConfiguration Source { get; init; } = A.DiagnosticSource with { Name = Format, Format = Format, System = Format, IdempotencyKey = null };

    /// <summary>Those of one format, by the type of their event.</summary>
    public static IReadOnlyList<string> EventsOf(string format) =>
    [
        .. typeof(Sample).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"Samples/{format}/", StringComparison.Ordinal) && !name.EndsWith(".headers.json", StringComparison.Ordinal))
            .Select(name => name[$"Samples/{format}/".Length..^".json".Length]),
    ];

    public static VendorSample Of(string format, string name) => new(
        format,
        Text($"Samples/{format}/{name}.json") ?? throw new InvalidOperationException($"There is no sample {format}/{name}."),
        Text($"Samples/{format}/{name}.headers.json") is { } headers
            ? JsonSerializer.Deserialize<Dictionary<string, string>>(headers)?.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value) ?? []
            : []);

    public VendorSample With(string path, System.Text.Json.Nodes.JsonNode? value) => this with { Body = A.With(Body, path, value) };

    public VendorSample Without(string path) => this with { Body = A.Without(Body, path) };

    public VendorSample WithHeader(string name, string? value)
    {
        var headers = Headers.Where(pair => pair.Key != name).ToDictionary();
        if (value is not null)
            headers[name] = value;
        return this with { Headers = headers };
    }

    public IReadOnlyList<Normalized> All() => SourceFormats.For(Format).Normalize(
        new RawDelivery(A.EventId, A.Received.AddYears(1), Encoding.UTF8.GetBytes(Body)) { Headers = Headers }, Source, A.Workspace);

    public CrmGrains.Core.Events.ContractEvent Event() => Assert.IsType<Normalized.Event>(Assert.Single(All())).Value;

    public IReadOnlyList<CrmGrains.Core.Events.ContractEvent> Events() => [.. All().Select(one => Assert.IsType<Normalized.Event>(one).Value)];

    public string Ignored() => Assert.IsType<Normalized.Ignored>(Assert.Single(All())).Reason;

    public string[] Faults() =>
        [.. Assert.IsType<Normalized.Rejected>(Assert.Single(All())).Validation.Faults.Select(fault => $"{fault.Path} {fault.Code}")];

    public string? DeliveryId() => SourceFormats.For(Format).DeliveryId(new SignedRequest(
        Encoding.UTF8.GetBytes(Body), name => Headers.TryGetValue(name.ToLowerInvariant(), out var value) ? [value] : []));

    private static string? Text(string resource)
    {
        using var stream = typeof(Sample).Assembly.GetManifestResourceStream(resource);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
