using System.Text;
using System.Text.Json;
using CrmGrains.Core.Events;
using CrmGrains.Intake.Payloads;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Payloads;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("  [1, -0.5e3, \"a\", null, true]\r\n")]
    [InlineData("""{"a":{"a":[{"a":1},{"a":2}]},"b":"\ud83d\ude00 \\u0000 \n"}""")]
    [InlineData("\uFEFF{\"a\":1}")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("0e999999999")]
    [InlineData("0.0000000000000000000000000000000000000000000000000000001")]
    public void What_is_sound_is_read(string json)
    {
        Assert.True(StrictJson.TryParse(Encoding.UTF8.GetBytes(json), out var document, out var fault));
        Assert.Null(fault);
        Assert.Null(StrictJson.FaultOf(Encoding.UTF8.GetBytes(json)));
        document.Dispose();
    }

    [Theory]
    [InlineData("", "empty_body", "$")]
    [InlineData(" \r\n\t", "empty_body", "$")]
    [InlineData("\uFEFF", "empty_body", "$")]
    [InlineData("hello", "not_json", "$")]
    [InlineData("{", "not_json", "$")]
    [InlineData("{\"a\":1,}", "not_json", "a")]
    [InlineData("{\"a\":{\"b\":[1,tru]}}", "not_json", "a.b.1")]
    [InlineData("{'a':1}", "not_json", "$")]
    [InlineData("{} {}", "not_json", "$")]
    [InlineData("{}x", "not_json", "$")]
    [InlineData("/* c */ {}", "not_json", "$")]
    [InlineData("{\"a\":NaN}", "not_json", "a")]
    [InlineData("{\"a\":01}", "not_json", "a")]
    [InlineData("{\"a\":\"line\nfeed\"}", "not_json", "a")]
    [InlineData("{\"a\":\"\\x\"}", "not_json", "a")]
    [InlineData("{\"a\":1,\"a\":2}", "duplicate_key", "a")]
    [InlineData("{\"a\":1,\"\\u0061\":2}", "duplicate_key", "\\u0061")]
    [InlineData("[0,{\"x\":{\"b\":[],\"c\":0,\"b\":null}}]", "duplicate_key", "1.x.b")]
    [InlineData("{\"a\":{\"b\":\"x\\u0000y\"}}", "nul_character", "a.b")]
    [InlineData("{\"a\\u0000\":1}", "nul_character", "a\\u0000")]
    [InlineData("{\"a\":[1,\"\0\"]}", "nul_character", "a.1")]
    [InlineData("{\"a\":\"\\ud800\"}", "invalid_unicode", "a")]
    [InlineData("{\"a\":\"\\ud800x\"}", "invalid_unicode", "a")]
    [InlineData("{\"a\":\"\\ud800\\ud800\\udc00\"}", "invalid_unicode", "a")]
    [InlineData("{\"a\":\"\\udc00\"}", "invalid_unicode", "a")]
    [InlineData("{\"a\":[0,1e309]}", "number_out_of_range", "a.1")]
    [InlineData("{\"a\":-1e999999999999}", "number_out_of_range", "a")]
    [InlineData("{\"a\":1e-400}", "number_out_of_range", "a")]
    public void What_is_not_sound_is_named_by_code_and_path(string json, string code, string path)
    {
        var fault = Refused(Encoding.UTF8.GetBytes(json));
        Assert.Equal((code, path), (fault.Code, fault.Path));
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_wherever_they_are()
    {
        Assert.Equal("invalid_utf8", Refused([.. "{\"a\":\""u8, 0xC3, .. "\"}"u8]).Code);
        Assert.Equal("invalid_utf8", Refused([.. "{\"a\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8]).Code);
        Assert.Equal("invalid_utf8", Refused([0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0]).Code);
    }

    [Fact]
    public void A_number_of_absurd_length_is_refused() =>
        Assert.Equal("number_out_of_range", Refused(Encoding.UTF8.GetBytes($"{{\"a\":{new string('9', 65)}}}")).Code);

    [Fact]
    public void Nesting_is_allowed_to_64_levels()
    {
        static byte[] Nested(int levels) => Encoding.UTF8.GetBytes(new string('[', levels) + new string(']', levels));

        Assert.True(StrictJson.TryParse(Nested(64), out _, out _));
        Assert.Equal("too_deep", Refused(Nested(65)).Code);
        Assert.Equal("too_deep", Refused(Encoding.UTF8.GetBytes(new string('[', 1_000_000))).Code);
        Assert.True(Refused(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a_name_of_some_length\":", 70)))).Path.Length <= 200);
    }

    [Fact]
    public void Random_bytes_never_throw() => Prop.ForAll<byte[]>(bytes =>
    {
        var isSound = StrictJson.TryParse(bytes, out var document, out var fault);
        Assert.Equal((isSound, !isSound), (document is not null, fault is not null));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Whatever_is_accepted_can_be_read_to_its_last_value() => Prop.ForAll(Mutated.Of(Deep).ToArbitrary(), bytes =>
    {
        if (!StrictJson.TryParse(bytes, out var document, out _))
            return;
        using (document)
            Assert.DoesNotContain('\0', Read(document.RootElement));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Theory]
    [InlineData("{\"the_same_beginning_1_the_same_end\":1,\"the_same_beginning_2_the_same_end\":2}")]
    [InlineData("{\"a\":{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]},\"b\":{\"a\":3}}")]
    [InlineData("{\"\":1,\"a\":2,\"a\\u0020\":3}")]
    public void Names_that_only_look_alike_are_no_repeats(string json) => Assert.Null(StrictJson.FaultOf(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_name_is_found_twice_among_more_than_are_usual()
    {
        var names = Enumerable.Range(0, 1000).Select(name => $"\"{name}\":0");
        Assert.Null(StrictJson.FaultOf(Encoding.UTF8.GetBytes($"{{{string.Join(',', names)}}}")));
        var fault = Refused(Encoding.UTF8.GetBytes($"{{{string.Join(',', names)},\"7\":1}}"));
        Assert.Equal(("duplicate_key", "7"), (fault.Code, fault.Path));
    }

    [Fact]
    public void Exactly_what_another_reader_finds_twice_is_found_twice() => Prop.ForAll(Objects.ToArbitrary(), json =>
    {
        var body = Encoding.UTF8.GetBytes(json);
        Assert.Equal(HasRepeat(body), StrictJson.FaultOf(body) is { Code: "duplicate_key" });
        Assert.Equal(StrictJson.FaultOf(body), StrictJson.TryParse(body, out var document, out var fault) ? null : fault);
        document?.Dispose();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    // Names that share their ends, and some that are written in two ways.
    private static readonly Gen<string> Name = Gen.Elements(
        "", "a", "b", "\\u0061", "01234567", "0123456_", "01234567_01234567", "01234567-01234567", "01234567__01234567", "01234567_\\u00301234567");

    private static readonly Gen<string> Objects = Gen.Sized(size => ObjectOf(Math.Min(size, 3)));

    private static Gen<string> ObjectOf(int levels) =>
        from names in Name.ListOf(3)
        from values in (levels == 0 ? Gen.Constant("0") : Gen.OneOf(Gen.Constant("[{\"a\":1}]"), ObjectOf(levels - 1))).ListOf(3)
        select $"{{{string.Join(',', names.Zip(values, (name, value) => $"\"{name}\":{value}"))}}}";

    private static bool HasRepeat(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private const string Deep = """{"a":[{"b":"\u00e9\ud83d\ude00","n":-12.5e-3},[[]],"é\\n"],"b":{"c":{"d":null,"e":true}},"long":"0123456789"}""";

    private static string Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => string.Concat(element.EnumerateObject().Select(property => property.Name + Read(property.Value))),
        JsonValueKind.Array => string.Concat(element.EnumerateArray().Select(Read)),
        JsonValueKind.Number => $"{element.GetDouble()}",
        JsonValueKind.String => element.GetString() ?? "",
        _ => element.GetRawText(),
    };

    private static Fault Refused(byte[] json)
    {
        Assert.False(StrictJson.TryParse(json, out _, out var fault));
        Assert.Equal(fault, StrictJson.FaultOf(json));
        return fault;
    }
}
