using System.Text.Json;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Brings the payloads of one format into the contract. Pure: the same delivery and configuration give the same result. Never throws,
/// whatever the body is.
/// </summary>
internal abstract class Normalizer
{
    private static readonly DiagnosticForm Diagnostic = new();
    private static readonly StripeEvents Stripe = new();
    private static readonly GenericJson Generic = new();

    /// <summary>The normalizer of a format: <c>diagnostic_form</c>, <c>stripe</c> or <c>json</c>.</summary>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    public static Normalizer For(string format) => format switch
    {
        DiagnosticForm.Format => Diagnostic,
        StripeEvents.Format => Stripe,
        GenericJson.Format => Generic,
        _ => throw new ArgumentException($"There is no format '{format}': use diagnostic_form, stripe or json.", nameof(format)),
    };

    /// <summary>What a delivery means.</summary>
    public Normalized Normalize(RawDelivery delivery, SourceConfiguration source, WorkspaceConfiguration workspace)
    {
        if (!StrictJson.TryParse(delivery.Body, out var document, out var fault))
            return new Normalized.Rejected(fault);
        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(
                    new PayloadReader(document.RootElement, delivery.ReceivedAt) { DefaultCountry = workspace.DefaultCountry, Notes = delivery.Notes },
                    delivery, source, workspace)
                : new Normalized.Rejected(new Fault("$", "not_an_object", "The body is no JSON object: send one event as an object."));
        }
    }

    private protected abstract Normalized Read(
        PayloadReader payload, RawDelivery delivery, SourceConfiguration source, WorkspaceConfiguration workspace);
}
