using CrmGrains.Core.Events;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake;

public sealed class ContactNormalizationTests
{
    [Theory]
    [InlineData(" Ops@Example.com", "ops@example.com")]
    [InlineData("OPS+Forms@EXAMPLE.COM\t", "ops+forms@example.com")]
    [InlineData("\u200Bops@example.com\uFEFF", "ops@example.com")]
    [InlineData("o'neil_x/y=z@mail.example.co.uk", "o'neil_x/y=z@mail.example.co.uk")]
    [InlineData("info@Bücher.de", "info@xn--bcher-kva.de")]
    [InlineData("info@xn--bcher-kva.de", "info@xn--bcher-kva.de")]
    [InlineData("ops@example.com.", "ops@example.com")]
    [InlineData("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai")]
    [InlineData("\"Ops\"@example.com", "ops@example.com")]
    [InlineData("\"Ops Team\"@example.com", "\"ops team\"@example.com")]
    [InlineData("\"a@b\"@example.com", "\"a@b\"@example.com")]
    public void A_well_formed_address_has_one_form(string text, string expected)
    {
        Assert.True(EmailAddress.TryNormalize(text, out var address));
        Assert.Equal(expected, address);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("ops")]
    [InlineData("@example.com")]
    [InlineData("ops@")]
    [InlineData("ops@@example.com")]
    [InlineData("a@b@example.com")]
    [InlineData("ops@example")]
    [InlineData("ops@localhost")]
    [InlineData("ops@127.0.0.1")]
    [InlineData("ops@[127.0.0.1]")]
    [InlineData("ops@[::1]")]
    [InlineData(".ops@example.com")]
    [InlineData("ops.@example.com")]
    [InlineData("o..ps@example.com")]
    [InlineData("o ps@example.com")]
    [InlineData("\"o\"ps\"@example.com")]
    [InlineData("\"o\\ps\"@example.com")]
    [InlineData("\"\"@example.com")]
    [InlineData("\"ops@example.com")]
    [InlineData("josé@example.com")]
    [InlineData("ops@exa_mple.com")]
    [InlineData("ops@-example.com")]
    [InlineData("ops@example-.com")]
    [InlineData("ops@example..com")]
    [InlineData("ops@.example.com")]
    [InlineData("ops@example.com\u0001")]
    [InlineData("ops\n@example.com")]
    [InlineData("ops@example.com\nbcc:x@example.com")]
    [InlineData("Ops <ops@example.com>")]
    [InlineData("ops@example.com,x@example.com")]
    [InlineData("ops@bu\u0308cher.de")]
    public void A_malformed_address_is_none(string? text) => Assert.False(EmailAddress.TryNormalize(text, out _));

    [Fact]
    public void An_address_has_at_most_64_characters_before_the_at_and_254_in_all()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 61), 3)) + ".com";

        Assert.True(EmailAddress.TryNormalize(new string('a', 64) + "@" + domain, out _));
        Assert.False(EmailAddress.TryNormalize(new string('a', 65) + "@example.com", out _));
        Assert.False(EmailAddress.TryNormalize(new string('a', 64) + "@x." + domain, out _));
    }

    [Theory]
    [InlineData("+1 (555) 123-4567", "+15551234567")]
    [InlineData("0049 (0)30 / 901820", "+4930901820")]
    [InlineData("+44 (0)20 7946 0958", "+442079460958")]
    [InlineData("tel:+380-44-123-45-67", "+380441234567")]
    [InlineData("+39 06 1234 5678", "+390612345678")]
    [InlineData("+44 020 7946 0958", "+442079460958")]
    [InlineData("+290 22158", "+29022158")]
    [InlineData("+683 4000", "+6834000")]
    [InlineData("\u202A+33\u00A01\u201123\u201145\u201167\u201189\u202C", "+33123456789")]
    public void A_number_with_its_country_has_one_form(string text, string expected)
    {
        Assert.True(PhoneNumber.TryNormalize(text, out var number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("n/a")]
    [InlineData("+")]
    [InlineData("00")]
    [InlineData("5551234567")]
    [InlineData("+1 555 123 456")]
    [InlineData("+1 555 123 45678")]
    [InlineData("+49 123")]
    [InlineData("+49 123456789012345")]
    [InlineData("+999 12345678")]
    [InlineData("+0 12345678")]
    [InlineData("+1 555 123 4567 x")]
    [InlineData("+1 555 123 4567 x12y")]
    [InlineData("+1 555 123 4567 x12 x13")]
    [InlineData("+1 555 123 4567 or +1 555 123 4568")]
    [InlineData("+49 0030 901820")]
    [InlineData("++15551234567")]
    [InlineData("+1555+1234567")]
    [InlineData("+١٥٥٥١٢٣٤٥٦٧")]
    public void A_number_that_no_plan_has_is_none(string? text) => Assert.False(PhoneNumber.TryNormalize(text, out _));

    [Theory]
    [InlineData("+1 555 123 4567 x12", "12")]
    [InlineData("(555) 123-4567 ext. 5", "5")]
    [InlineData("tel:+15551234567;ext=0042", "0042")]
    [InlineData("+1 555.123.4567 Extension: 77", "77")]
    [InlineData("555-123-4567 #9", "9")]
    [InlineData("5551234567", null)]
    public void An_extension_is_split_off(string text, string? extension)
    {
        Assert.True(PhoneNumber.TryRead(text, "US", out var number));
        Assert.Equal(("+15551234567", extension), (number.Number, number.Extension));
    }

    [Theory]
    [InlineData("DE", "030 901820", "+4930901820")]
    [InlineData("DE", "(0)30 901820", "+4930901820")]
    [InlineData("DE", "0049 30 901820", "+4930901820")]
    [InlineData("GB", "020 7946 0958", "+442079460958")]
    [InlineData("FR", "01 23 45 67 89", "+33123456789")]
    [InlineData("IT", "06 1234 5678", "+390612345678")]
    [InlineData("ES", "912 345 678", "+34912345678")]
    [InlineData("HU", "06 1 234 5678", "+3612345678")]
    [InlineData("RU", "8 (495) 123-45-67", "+74951234567")]
    [InlineData("US", "1 (555) 123-4567", "+15551234567")]
    [InlineData("US", "011 49 30 901820", "+4930901820")]
    [InlineData("AU", "0011 44 20 7946 0958", "+442079460958")]
    [InlineData("AU", "0412 345 678", "+61412345678")]
    public void A_number_without_its_country_is_one_of_the_default_country(string country, string text, string expected)
    {
        Assert.True(PhoneNumber.TryRead(text, country, out var number));
        Assert.Equal(expected, number.Number);
        Assert.Equal(!text.Contains("49 30", StringComparison.Ordinal) && !text.Contains("44 20", StringComparison.Ordinal), number.IsNational);
    }

    [Theory]
    [InlineData("DE", "030")]
    [InlineData("US", "555 1234")]
    [InlineData("US", "0555 123 4567")]
    [InlineData("XX", "030 901820")]
    public void A_number_that_the_default_country_has_not_is_none(string country, string text) =>
        Assert.False(PhoneNumber.TryRead(text, country, out _));

    [Fact]
    public void Every_country_dials_a_calling_code_that_there_is() => Assert.All(
        DialingCountry.Codes, country => Assert.NotNull(NumberingPlan.Of(DialingCountry.Find(country)?.CallingCode)));

    [Fact]
    public void What_people_read_is_in_their_letters_and_what_is_stored_is_not()
    {
        Assert.Equal("info@bücher.de", EmailAddress.Display("info@xn--bcher-kva.de"));
        Assert.Equal("example.com", DomainName.Display("example.com"));
        Assert.Equal("xn--0.com", DomainName.Display("xn--0.com"));
    }

    [Theory]
    [InlineData("https://www.example.com/contact", "example.com")]
    [InlineData("HTTP://WWW.Example.COM:8080?x=1#y", "example.com")]
    [InlineData("//example.com", "example.com")]
    [InlineData("example.com/path//more", "example.com")]
    [InlineData("https://user:pass@example.com/", "example.com")]
    [InlineData("https://evil.test@example.com\\x", "example.com")]
    [InlineData("ops@example.com", "example.com")]
    [InlineData("www.www.example.com.", "example.com")]
    [InlineData("www.com", "www.com")]
    [InlineData("https://www.bücher.de/x", "xn--bcher-kva.de")]
    [InlineData("shop.example.co.uk", "shop.example.co.uk")]
    public void A_web_address_names_a_domain(string url, string expected)
    {
        Assert.True(DomainName.TryFromUrl(url, out var domain));
        Assert.Equal(expected, domain);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("https://")]
    [InlineData("http://localhost:3000")]
    [InlineData("http://app.localhost")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://[::1]:80/")]
    [InlineData("ftp://example.com")]
    [InlineData("javascript:alert(1)")]
    [InlineData("javascript://example.com/%0aalert(1)")]
    [InlineData("mailto:ops@")]
    [InlineData("not a site")]
    [InlineData("example.com:http")]
    [InlineData("exämple")]
    [InlineData("ｅｘａｍｐｌｅ.com")]
    [InlineData("i❤.ws")]
    public void What_is_no_public_host_names_no_domain(string? url) => Assert.False(DomainName.TryFromUrl(url, out _));

    [Fact]
    public void Labels_have_at_most_63_and_names_at_most_253_characters()
    {
        Assert.True(DomainName.TryNormalize(new string('a', 63) + ".com", out _));
        Assert.False(DomainName.TryNormalize(new string('a', 64) + ".com", out _));
        Assert.False(DomainName.TryNormalize(string.Join('.', Enumerable.Repeat("abc", 64)) + ".com", out _));
    }

    [Fact]
    public void Free_mail_and_platforms_are_known()
    {
        Assert.True(DomainName.IsFreeMail("gmail.com"));
        Assert.True(DomainName.IsFreeMail("mailinator.com"));
        Assert.False(DomainName.IsFreeMail("example.com"));
        Assert.True(DomainName.IsPlatform("linkedin.com"));
        Assert.False(DomainName.IsPlatform("example.com"));
    }

    [Fact]
    public void Normalizing_twice_is_normalizing_once() => Prop.ForAll(Typed.ToArbitrary(), text =>
    {
        if (EmailAddress.TryNormalize(text, out var address))
            Assert.True(EmailAddress.TryNormalize(address, out var again) && again == address && EmailAddress.IsNormal(address), text);
        if (PhoneNumber.TryNormalize(text, out var number))
            Assert.True(PhoneNumber.TryNormalize(number, out var again) && again == number && PhoneNumber.IsNormal(number), text);
        foreach (var country in new[] { "DE", "US", "IT", "RU", "AU" })
        {
            if (PhoneNumber.TryRead(text, country, out var local))
                Assert.True(PhoneNumber.TryRead(local.Number, country, out var again) && again.Number == local.Number, text);
        }
        if (DomainName.TryNormalize(text, out var domain))
            Assert.True(DomainName.TryNormalize(domain, out var again) && again == domain, text);
        if (DomainName.TryFromUrl(text, out var site))
            Assert.True(DomainName.TryFromUrl(site, out var again) && again == site, text);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void What_is_normalized_is_plain_ASCII_in_lower_case() => Prop.ForAll(Typed.ToArbitrary(), text =>
    {
        if (EmailAddress.TryNormalize(text, out var address))
            Assert.DoesNotContain(address, letter => letter is <= ' ' or > '~' or (>= 'A' and <= 'Z'));
        if (DomainName.TryFromUrl(text, out var site))
            Assert.DoesNotContain(site, letter => letter is <= ' ' or > '~' or (>= 'A' and <= 'Z'));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    /// <summary>Text that is often nearly right: pieces of addresses, sites and numbers, with anything in between.</summary>
    private static Gen<string> Typed =>
        from pieces in Gen.ListOf(Gen.OneOf(
            Gen.Elements("ops", "@", "example", ".com", ".", "www.", "https://", "xn--", "-", "+1", "00", "0", "49", "(0)", "x", "ext.", ";ext=", "\"", "555", " ", "/", ":8", "Ü", "ß", "İ", "Ω", "。"),
            ArbMap.Default.GeneratorFor<char>().Select(letter => letter.ToString())))
        select string.Concat(pieces);
}
