using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Identity;

namespace CrmGrains.Tests.Intake.Identity;

public sealed class IdentificationTests
{
    private static readonly IdentityConfiguration Rules = new()
    {
        DomainAliases = new Dictionary<string, string> { ["old.example"] = "new.example" },
        PlusDomains = new HashSet<string> { "new.example" },
    };

    [Theory]
    [InlineData("ann@example.com", "ann@example.com", "email")]
    [InlineData("ann+news@example.com", "ann+news@example.com", "email")]
    [InlineData("a.nn+news@gmail.com", "ann@gmail.com", "email_tag")]
    [InlineData("a.nn@googlemail.com", "ann@gmail.com", "email_tag")]
    [InlineData("ann@googlemail.com", "ann@gmail.com", "email_alias")]
    [InlineData("ann+news@outlook.com", "ann@outlook.com", "email_tag")]
    [InlineData("a.nn@outlook.com", "a.nn@outlook.com", "email")]
    [InlineData("ann@old.example", "ann@new.example", "email_alias")]
    [InlineData("ann+x@old.example", "ann@new.example", "email_tag")]
    [InlineData("+x@gmail.com", "+x@gmail.com", "email")]
    public void An_address_leads_to_a_mailbox(string address, string mailbox, string kind) =>
        Assert.Equal(new Mailbox(mailbox, kind), Mailbox.Of(address, Rules));

    [Theory]
    [InlineData("mailinator.com", true)]
    [InlineData("sub.mailinator.com", true)]
    [InlineData("notmailinator.example", false)]
    [InlineData("gmail.com", false)]
    public void Disposable_domains_are_known_with_all_names_below_them(string domain, bool isDisposable) =>
        Assert.Equal(isDisposable, MailDomains.IsDisposable(domain));

    [Fact]
    public void Two_addresses_of_one_mailbox_make_one_new_customer()
    {
        var one = Assert.IsType<Identification.Customer>(Of(new ContactFacts { Email = "a.nn+news@gmail.com" }));
        var other = Assert.IsType<Identification.Customer>(Of(new ContactFacts { Email = "ann@googlemail.com" }));

        Assert.Equal(one.Key, other.Key);
        Assert.Contains(new Identifier("acme", "email", "a.nn+news@gmail.com"), one.New);
        Assert.Contains(new Identifier("acme", "email", "ann@gmail.com"), one.New);
    }

    [Fact]
    public void A_match_says_how_sure_it_is_and_by_what()
    {
        var exact = Match(new ContactFacts { Email = "ann@example.com" }, ("email", "ann@example.com", "c1"));
        var tagged = Match(new ContactFacts { Email = "ann+x@gmail.com" }, ("email", "ann@gmail.com", "c1"));
        var phone = Match(new ContactFacts { Phone = "+15550100" }, ("phone", "+15550100", "c1"));
        var both = Match(
            new ContactFacts { Phone = "+15550100", ExternalIds = new Dictionary<string, string> { ["shop"] = "1" } },
            ("external:shop", "1", "c1"), ("phone", "+15550100", "c1"));

        Assert.Equal(("email", 1.0), (exact.By, exact.Confidence));
        Assert.Equal(("email_tag", 0.95), (tagged.By, tagged.Confidence));
        Assert.Equal(("phone", 0.7), (phone.By, phone.Confidence));
        Assert.Equal(("external_id", 0.985), (both.By, both.Confidence));
        Assert.Equal(["external:shop", "phone"], both.Evidence);
    }

    [Fact]
    public void A_secondary_address_names_its_person_and_two_customers_are_a_question()
    {
        var contact = new ContactFacts { Email = "ann@example.com", SecondaryEmails = ["bob@example.com"] };

        Assert.Equal("c2", Assert.IsType<Identification.Customer>(Of(contact, ("email", "bob@example.com", "c2"))).Key);
        var ambiguous = Assert.IsType<Identification.Ambiguous>(Of(contact, ("email", "ann@example.com", "c1"), ("email", "bob@example.com", "c2")));
        Assert.Equal(["email"], ambiguous.Candidates["c1"]);
        Assert.Equal(["secondary_email"], ambiguous.Candidates["c2"]);
    }

    [Fact]
    public void A_phone_of_somebody_else_is_noted_and_decides_nothing_where_there_is_an_address()
    {
        var match = Match(
            new ContactFacts { Email = "ann@example.com", Phone = "+15550100" }, ("email", "ann@example.com", "c1"), ("phone", "+15550100", "c2"));

        Assert.Equal(["phone"], match.Elsewhere);
    }

    [Fact]
    public void A_disposable_address_never_joins_two_people()
    {
        var shared = ("email", "x@mailinator.com", "c1");

        Assert.Equal(0.5, Match(new ContactFacts { Email = "x@mailinator.com" }, shared).Confidence);
        Assert.NotEqual("c1", Assert.IsType<Identification.Customer>(Of(new ContactFacts { Email = "x@mailinator.com", Phone = "+15550100" }, shared)).Key);
        Assert.Equal("c2", Assert.IsType<Identification.Customer>(Of(
            new ContactFacts { Email = "x@mailinator.com", ExternalIds = new Dictionary<string, string> { ["shop"] = "1" } },
            shared, ("external:shop", "1", "c2"))).Key);
    }

    [Fact]
    public void An_event_without_any_identifier_is_about_nobody() =>
        Assert.IsType<Identification.Nobody>(Of(new ContactFacts { FullName = "Ann" }));

    private static Core.Grains.IdentityMatch Match(ContactFacts contact, params (string Kind, string Value, string Customer)[] known) =>
        Assert.IsType<Identification.Customer>(Of(contact, known)).Match;

    private static Identification Of(ContactFacts contact, params (string Kind, string Value, string Customer)[] known) => Identification.Of(
        Evidence.Of(A.Lead with { Contact = contact }, Rules),
        known.ToDictionary(one => new Identifier("acme", one.Kind, one.Value), one => one.Customer));
}
