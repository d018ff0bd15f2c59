using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrmGrains.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class MultipartBodyTests
{
    private const string Multipart = "multipart/form-data; boundary=x";

    private static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Its_fields_are_texts_and_of_its_files_is_known_what_they_are_called()
    {
        var body = Part("a", "1") + Part("a", "two\r\nlines") + "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a \\\"b\\\".pdf\"\r\nContent-Type: application/PDF; q=1\r\n\r\n%PDF\r\n--x--";

        Assert.Equal(
            """{"a":["1","two\r\nlines"],"f":{"name":"a \"b\".pdf","content_type":"application/pdf","size_bytes":4}}""", Read(body, Multipart));
    }

    [Fact]
    public void Its_charset_is_what_the_form_says_of_a_field_or_what_the_part_says()
    {
        var body = Encoding.Latin1.GetBytes(
            Part("charsets", """{"a":"ISO-8859-1","b":7,"c":"none"}""") + Part("a", "é") + Part("b", "b") + Part("c", "c")
            + "--x\r\nContent-Disposition: form-data; name=d\r\nContent-Type: text/plain; charset=latin1\r\n\r\né\r\n--x--");

        Assert.Equal("""{"charsets":"{\"a\":\"ISO-8859-1\",\"b\":7,\"c\":\"none\"}","a":"é","b":"b","c":"c","d":"é"}""", Read(body, Multipart));
    }

    [Theory]
    [InlineData("multipart/form-data", "boundary_missing")]
    [InlineData("multipart/form-data; boundary=", "boundary_missing")]
    [InlineData("multipart/form-data; boundary=\"é\"", "boundary_missing")]
    [InlineData("multipart/form-data; boundary=y", "empty_body")]
    [InlineData("multipart/form-data; boundary=\"x\"", """{"a":"1"}""")]
    [InlineData("multipart/form-data; q=\";boundary=y\"; BOUNDARY=x; boundary=z", """{"a":"1"}""")]
    public void It_is_split_at_the_boundary_that_its_content_type_names(string contentType, string read) =>
        Assert.Equal(read, Read(Part("a", "1") + "--x--", contentType));

    [Theory]
    [InlineData("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1", """{"a":"1"}""")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=a", """{"a":""}""")]
    [InlineData("--x\r\nContent-Disposition: form-", "empty_body")]
    [InlineData("--x\nContent-Disposition: form-data; name=a\n\n1\n--x\n\n--x--", """{"a":"1"}""")]
    [InlineData("before\r\n--x  \r\nContent-Disposition:\r\n form-data;\r\n\tname=a\r\n\r\n1 --x \r\n--xy\r\n--x--\r\nafter", """{"a":"1 --x \r\n--xy"}""")]
    [InlineData("--x--", "empty_body")]
    public void One_that_is_not_as_it_should_be_is_read_as_far_as_it_can_be(string body, string read) => Assert.Equal(read, Read(body, Multipart));

    [Fact]
    public void What_passes_a_bound_is_a_fault()
    {
        Assert.Equal("name_too_long", Read(Part(new string('a', 201), "1"), Multipart));
        Assert.Equal("too_many_fields", Read(string.Concat(Enumerable.Repeat(Part("a", "1"), 1_001)), Multipart));
    }

    [Theory]
    [InlineData("--x\r\n")]
    [InlineData("--x\n\n")]
    [InlineData("\n--x")]
    [InlineData("--x")]
    [InlineData("--x--")]
    [InlineData("\n--xy\n")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=a; filename=\"", "\";", "\\")]
    [InlineData("a", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n")]
    [InlineData("a", "--x\r\nContent-Disposition: ")]
    [InlineData("a: b\r\n", "--x\r\n")]
    [InlineData(" folded\r\n", "--x\r\nContent-Disposition: form-data; name=a\r\n")]
    [InlineData(" \n", "--x\r\nA: b\r\n")]
    [InlineData(";", "--x\r\nContent-Disposition: form-data")]
    [InlineData("; =", "--x\r\nContent-Disposition: form-data")]
    [InlineData("; a=\"", "--x\r\nContent-Disposition: form-data")]
    [InlineData("\\\"", "--x\r\nContent-Disposition: form-data; name=\"")]
    [InlineData("; ", "--x\r\nContent-Disposition: form-data", "=a")]
    public void A_hostile_one_is_judged_in_time(string piece, string beginning = "", string end = "")
    {
        var body = Hostile.Repeated(piece, beginning, end);

        Assert.NotEmpty(Hostile.InTime(() => Read(body, Multipart)));
        Assert.NotEmpty(Hostile.InTime(() => Read(body, $"multipart/form-data; boundary={new string('-', 69)}x")));
    }

    [Fact]
    public void A_boundary_that_nearly_is_everywhere_is_looked_for_in_time()
    {
        var body = Hostile.Repeated("-");

        foreach (var boundary in (string[])["-", new string('-', 70), new string('-', 69) + "x", "x" + new string('-', 69)])
            Assert.Equal("empty_body", Hostile.InTime(() => Read(body, $"multipart/form-data; boundary={boundary}")));
    }

    [Fact]
    public void A_form_that_says_the_charsets_of_sixty_thousand_fields_is_read_in_time()
    {
        var charsets = $"{{{string.Join(',', Enumerable.Range(0, 60_000).Select(number => $"\"{number}\":\"latin1\""))}}}";
        var body = Encoding.Latin1.GetBytes(Part("charsets", charsets) + string.Concat(Enumerable.Range(0, 900).Select(number => Part($"n{number}", "é"))));

        Assert.Contains("\"n898\":\"\uFFFD\"", Hostile.InTime(() => Read(body, Multipart)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_fields_each_of_a_charset_that_there_is_not_are_read_in_time()
    {
        var body = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, 1_000).Select(number =>
            $"--x\r\nContent-Disposition: form-data; name=n{number}\r\nContent-Type: text/plain; charset=none-{number}\r\n\r\n{new string('x', 900)}\r\n")));

        Assert.Contains("\"n999\":\"x", Hostile.InTime(() => Read(body, Multipart)), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_bytes_are_they_are_read_or_have_a_fault() => Prop.ForAll(
        Mutated.Of(Part("charsets", """{"a":"latin1"}""") + Part("a", "1") + "--x\r\nContent-Disposition: form-data; name=f; filename=b\r\n\r\nx\r\n--x--").ToArbitrary(),
        body => Assert.NotEmpty(Read(body, Multipart))).QuickCheckThrowOnFailure();

    private static string Part(string name, string text) => $"--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n";

    private static string Read(string body, string contentType) => Read(Encoding.UTF8.GetBytes(body), contentType);

    // The object that it is, or the fault's code.
    private static string Read(byte[] body, string contentType)
    {
        if (!MultipartBody.TryParse(body, contentType, "charsets", out var document, out var fault))
            return fault.Code;
        using (document)
            return JsonSerializer.Serialize(document.RootElement, Written);
    }
}
