using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmGrains.Host.Samples;

namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>Deliveries as sources send them, and changes of them.</summary>
internal static class A
{
    /// <summary>The sample lead, byte for byte.</summary>
    public static Post Lead { get; } = Of(Sample.Lead);

    public static Post InvoicePaid { get; } = Of(Sample.InvoicePaid);

    public static Post PaymentFailed { get; } = Of(Sample.PaymentFailed);

    public static Post GenericLead { get; } = Of(Sample.GenericLead);

    /// <summary>The same delivery with values of its body changed, under an id of its own.</summary>
    /// <param name="post">What is changed.</param>
    /// <param name="deliveryId">The new id.</param>
    /// <param name="changes">By path, for example <c>fields.email</c>.</param>
    public static Post With(this Post post, string deliveryId, params (string Path, object? Value)[] changes)
    {
        var body = JsonNode.Parse(post.Body) ?? throw new InvalidOperationException("The sample is empty.");
        foreach (var (path, value) in changes)
        {
            var steps = path.Split('.');
            var parent = steps[..^1].Aggregate(body, (node, step) => node[step] ?? throw new KeyNotFoundException(path));
            parent[steps[^1]] = JsonSerializer.SerializeToNode(value);
        }

        return post with { DeliveryId = deliveryId, Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
    }

    private static Post Of(Sample sample) => new(sample.Source, sample.DeliveryId, sample.Body());
}
