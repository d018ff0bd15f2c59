using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Host.Gateway;

/// <summary>What a sender makes of our answers, where that differs from the usual.</summary>
internal sealed record SenderManners
{
    private static readonly SenderManners Usual = new();

    // By format, else by scheme.
    private static readonly Dictionary<string, SenderManners> Known = new(StringComparer.Ordinal)
    {
        // Mail that was refused is gone, and nobody is told. Postmark ends its retries at any 403, and takes only a 200 as taken.
        ["postmark"] = new() { IsMail = true, Accepted = AcceptedAnswer.Ok },
        ["sendgrid"] = new() { IsMail = true, Accepted = AcceptedAnswer.Ok, Body = BodyKind.Any },

        // A call goes on by what TwiML says: nothing.
        ["twilio"] = new() { Accepted = AcceptedAnswer.EmptyTwiml, Body = BodyKind.Form },

        // A notification without content: what has changed is read afterwards.
        ["airtable"] = new() { Accepted = AcceptedAnswer.Empty },

        // Slack sends events as JSON, and what people click as forms.
        ["slack"] = new() { Accepted = AcceptedAnswer.Ok, Body = BodyKind.Any },
        ["zoom"] = new() { Accepted = AcceptedAnswer.Ok },
    };

    /// <summary>Whether what is answered with a 4xx may be genuine mail that is lost then.</summary>
    public bool IsMail { get; private init; }

    /// <summary>What it is told when its delivery is stored.</summary>
    public AcceptedAnswer Accepted { get; private init; } = AcceptedAnswer.Accepted;

    /// <summary>What bodies it sends, whatever they are read as; null: what the source's format reads.</summary>
    public BodyKind? Body { get; private init; }

    /// <summary>The manners of a source's sender.</summary>
    public static SenderManners Of(SourceConfiguration source) =>
        Known.GetValueOrDefault(source.Format) ?? Known.GetValueOrDefault(source.Verification.Scheme) ?? Usual;
}

/// <summary>What a sender is told when its delivery is stored. Every one of them names the event in a header too.</summary>
internal enum AcceptedAnswer
{
    /// <summary>202 with the event.</summary>
    Accepted,

    /// <summary>200 with the event.</summary>
    Ok,

    /// <summary>204, nothing more.</summary>
    Empty,

    /// <summary>200 with a TwiML document that asks for nothing.</summary>
    EmptyTwiml,
}
