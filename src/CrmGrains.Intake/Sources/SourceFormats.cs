using System.Collections.Frozen;
using CrmGrains.Intake.Sources.Airtable;
using CrmGrains.Intake.Sources.HighLevel;
using CrmGrains.Intake.Sources.Mail;
using CrmGrains.Intake.Sources.Shopify;
using CrmGrains.Intake.Sources.Stripe;

namespace CrmGrains.Intake.Sources;

/// <summary>All formats that there are.</summary>
public static class SourceFormats
{
    private static readonly FrozenDictionary<string, SourceFormat> ByName =
        new SourceFormat[]
        {
            new DiagnosticForm(), new GenericJson(), new StripeEvents(),
            new HubSpotEvents(), new PipedriveEvents(), new HighLevelEvents(), new ShopifyEvents(), new GitHubEvents(), new ContractJson(),
            new TwilioCalls(), new CallRailEvents(), new SlackEvents(), new ZoomMeetings(), new FirefliesMeetings(), new MeetingTranscripts(),
            new PostmarkMail(), new SendGridMail(),
            new Typeform(), new Tally(), new WebflowForms(), new Calendly(), new GoogleSheets(),
            new AirtableEvents(),
        }.ToFrozenDictionary(format => format.Name, StringComparer.Ordinal);

    /// <summary>Their names in the configuration, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>All of them, by name.</summary>
    public static IEnumerable<SourceFormat> All => Names.Select(For);

    /// <summary>The format of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static SourceFormat For(string name) => ByName.TryGetValue(name, out var format)
        ? format
        : throw new ArgumentException($"There is no format '{name}': use one of {string.Join(", ", Names)}.", nameof(name));
}
