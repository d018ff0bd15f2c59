using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources;

/// <summary>
/// Reads the facts that events have in common, normalized, and keeps what was checked of them. A path is null where the source doesn't
/// have the fact.
/// </summary>
internal sealed class FactReader(PayloadReader payload)
{
    public const int MaxIdLength = 200;
    public const int MaxNameLength = 200;
    public const int MaxPainLength = 10_000;
    public const int MaxUrlLength = 4_000;

    /// <summary>What <see cref="Attribution"/> asks for.</summary>
    public static IReadOnlyList<string> AttributionNames { get; } =
        ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "landing_page"];

    private const int MaxEmailLength = 320;
    private const int MaxPhoneLength = 64;
    private const int MaxChoiceLength = 100;
    private const int MaxUtmLength = 500;

    private static readonly AttributionFacts NoAttribution = new();

    private bool? _emailValid;
    private bool? _emailDisposable;
    private bool? _phoneValid;
    private bool? _domainValid;
    private bool? _consentValid;
    private bool? _budgetValid;

    /// <summary>What was checked up to now, with every fault of the payload.</summary>
    public Validation Validation => new()
    {
        EmailValid = _emailValid,
        EmailDisposable = _emailDisposable,
        PhoneValid = _phoneValid,
        DomainValid = _domainValid,
        ConsentValid = _consentValid,
        BudgetEnumValid = _budgetValid,
        Faults = [.. payload.Faults],
    };

    /// <summary>A normalized address.</summary>
    public string? Email(string? path, bool isRequired)
    {
        var at = path ?? "contact.email";
        var email = payload.Line(path, MaxEmailLength);
        if (email is null && isRequired && !payload.HasFault(at))
            payload.Add(at, "email_missing", "An address is needed: send one.");
        if (email is not null && !EmailAddress.TryNormalize(email, out email))
            payload.Add(at, "email_invalid", "It is no address: send one like name@example.com.");
        _emailValid = Verdict(at, email);
        _emailDisposable = email is not null && MailDomains.IsDisposable(EmailAddress.DomainOf(email)) ? true : null;
        return payload.Noted(path, "address, lower-cased", email);
    }

    /// <summary>A number in E.164.</summary>
    public string? Phone(string? path)
    {
        var at = path ?? "contact.phone";
        var phone = payload.Line(path, MaxPhoneLength);
        var number = default(PhoneNumber);
        if (phone is not null && !PhoneNumber.TryRead(phone, payload.DefaultCountry, out number))
            payload.Add(at, "phone_invalid", "It is no number of a known country: send it with + and the calling code.");
        _phoneValid = Verdict(at, number.Number);
        var how = (number.IsNational, number.Extension) switch
        {
            (true, null) => "E.164 from a national number",
            (true, _) => "E.164 from a national number, extension left out",
            (_, null) => "E.164",
            _ => "E.164, extension left out",
        };
        return payload.Noted(path, how, (string?)number.Number);
    }

    /// <summary>The company by its site; where the site doesn't tell it, by the domain of the person's address.</summary>
    /// <param name="email">Normalized; null where it may not tell the company.</param>
    public CompanyFacts? Company(string? namePath, string? sitePath, string? email)
    {
        var at = sitePath ?? "company.domain";
        var name = payload.Line(namePath, MaxNameLength);
        var site = payload.Line(sitePath, MaxUrlLength);
        if (site is not null && !DomainName.TryFromUrl(site, out site))
            payload.Add(at, "website_invalid", "It is no web address: send one like https://example.com.");

        var domain = site is not null && !DomainName.IsFreeMail(site) && !DomainName.IsPlatform(site) ? site : OfEmployer(email);
        payload.Noted(sitePath, "domain of the web address", site);
        _domainValid = Verdict(at, site ?? domain);
        return name is null && domain is null ? null : new CompanyFacts { Name = name, Domain = domain };
    }

    /// <summary>Whether the person agreed to be contacted.</summary>
    public bool? Consent(string? path, bool isRequired)
    {
        var at = path ?? "consent";
        var consent = payload.Flag(path);
        if (isRequired && consent != true && !payload.HasFault(at))
            payload.Add(at, "consent_missing", "Consent is asked for and was not given: do not send the lead without it.");
        // Where nobody asks for it, a no is an answer like another one.
        _consentValid = payload.HasFault(at) ? false : consent == true ? true : null;
        return consent;
    }

    /// <summary>A budget range, one of those that the workspace has.</summary>
    public string? BudgetRange(string? path, IReadOnlyList<string> known)
    {
        var range = Choice(path, known, "budget_unknown");
        _budgetValid = Verdict(path ?? "lead.budget_range", range);
        return range;
    }

    /// <summary>An urgency, one of those that the workspace has.</summary>
    public string? Urgency(string? path, IReadOnlyList<string> known) => Choice(path, known, "urgency_unknown");

    /// <summary>Where the person came from; null where nothing is said.</summary>
    /// <param name="pathOf">The path of a fact, by its name in the contract.</param>
    public AttributionFacts? Attribution(Func<string, string?> pathOf)
    {
        var facts = new AttributionFacts
        {
            UtmSource = payload.Line(pathOf("utm_source"), MaxUtmLength),
            UtmMedium = payload.Line(pathOf("utm_medium"), MaxUtmLength),
            UtmCampaign = payload.Line(pathOf("utm_campaign"), MaxUtmLength),
            UtmTerm = payload.Line(pathOf("utm_term"), MaxUtmLength),
            UtmContent = payload.Line(pathOf("utm_content"), MaxUtmLength),
            Referrer = payload.Line(pathOf("referrer"), MaxUrlLength),
            LandingPage = payload.Line(pathOf("landing_page"), MaxUrlLength),
        };
        return facts == NoAttribution ? null : facts;
    }

    private string? Choice(string? path, IReadOnlyList<string> known, string code)
    {
        var choice = payload.Line(path, MaxChoiceLength);
        if (choice is null || path is null || known.Count == 0 || known.Contains(choice, StringComparer.Ordinal))
            return choice;
        payload.Add(path, code, $"It is none of {string.Join(", ", known)}: send one of them.");
        return null;
    }

    private bool? Verdict(string path, string? value) => payload.HasFault(path) ? false : value is null ? null : true;

    private static string? OfEmployer(string? email) =>
        email is not null && EmailAddress.DomainOf(email) is var domain && !DomainName.IsFreeMail(domain) ? domain : null;
}
