using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrmGrains.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class FormBodyTests
{
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData("a=1&b=2", """{"a":"1","b":"2"}""")]
    [InlineData("a=1&a=2&&a=", """{"a":["1","2",""]}""")]
    [InlineData("a+b=c%20d%2B&%C3%A9=%E2%82%AC", """{"a b":"c d+","é":"€"}""")]
    [InlineData("a", """{"a":""}""")]
    [InlineData("=1", """{"":"1"}""")]
    [InlineData("a=b=c", """{"a":"b=c"}""")]
    [InlineData("a=%zz%4&b=%00x", """{"a":"%zz%4","b":"x"}""")]
    [InlineData("a=%ff", "{\"a\":\"\uFFFD\"}")]
    public void A_form_becomes_an_object_of_texts(string form, string json) => Assert.Equal(json, Read(form, Form));

    [Theory]
    [InlineData("iso-8859-1", """{"a":"é"}""")]
    [InlineData("\"windows-1252\"", """{"a":"é"}""")]
    [InlineData("koi8-r", """{"a":"И"}""")]
    [InlineData("utf-8", "{\"a\":\"\uFFFD\"}")]
    [InlineData("no-such-charset", "{\"a\":\"\uFFFD\"}")]
    [InlineData("utf-7", "{\"a\":\"\uFFFD\"}")]
    public void Its_charset_is_what_its_sender_says_or_else_UTF_8(string charset, string json) => Assert.Equal(json, Read("a=%E9", $"{Form}; charset={charset}"));

    [Theory]
    [InlineData("", "empty_body")]
    [InlineData("&&&", "empty_body")]
    public void Nothing_is_a_fault(string form, string code) => Assert.Equal(code, Read(form, Form));

    [Fact]
    public void What_passes_a_bound_is_a_fault()
    {
        Assert.Equal("name_too_long", Read($"{new string('a', 201)}=1", Form));
        Assert.Equal("too_many_fields", Read(string.Join('&', Enumerable.Range(0, 1_001).Select(number => $"a{number}=1")), Form));
        Assert.StartsWith("{", Read(string.Join('&', Enumerable.Range(0, 1_000).Select(number => $"a{number}=1")), Form), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&", "utf-8")]
    [InlineData("a&", "utf-8")]
    [InlineData("a=1&", "utf-8")]
    [InlineData("=&", "x-no-such-charset")]
    [InlineData("%", "utf-8")]
    [InlineData("%E9", "iso-2022-jp")]
    [InlineData("%00", "utf-16")]
    [InlineData("a=+%2B", "gb18030")]
    [InlineData("\u001b$B", "iso-2022-jp")]
    public void A_hostile_form_is_judged_in_time(string piece, string charset)
    {
        foreach (var beginning in (string[])["", "a=", "b=1&a="])
        {
            var body = Hostile.Repeated(piece, beginning);
            Assert.NotEmpty(Hostile.InTime(() => Read(body, $"{Form}; charset={charset}")));
            Hostile.InTime(() => FormBody.Find(body, "CallSid") ?? "");
        }
    }

    [Fact]
    public void A_thousand_large_fields_of_a_charset_that_there_is_not_are_read_in_time()
    {
        var body = Hostile.Repeated($"field={new string('x', 1_020)}&");

        Assert.StartsWith("""{"field":["x""", Hostile.InTime(() => Read(body[..^30_000], $"{Form}; charset=none")), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_bytes_are_they_are_read_or_have_a_fault() =>
        Prop.ForAll(Mutated.Of("a=1&b=%E9&c[0]=x+y&a=&%=%&=").ToArbitrary(), body => Assert.NotEmpty(Read(body, Form))).QuickCheckThrowOnFailure();

    private static string Read(string form, string contentType) => Read(Encoding.UTF8.GetBytes(form), contentType);

    // The object that it is, or the fault's code.
    private static string Read(byte[] form, string contentType)
    {
        if (!FormBody.TryParse(form, contentType, out var document, out var fault))
            return fault.Code;
        using (document)
            return JsonSerializer.Serialize(document.RootElement, Written);
    }}
