using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Signatures;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Intake.Signatures;

/// <summary>What every signature scheme keeps to. A scheme's tests inherit it and add what is its own.</summary>
public abstract class SignatureContract
{
    /// <summary>The instant of the fact sheet's vectors.</summary>
    protected static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1790000000);

    protected static readonly byte[] Body = """{"id":"evt_demo_001","type":"demo.ping","n":1}"""u8.ToArray();

    protected abstract VerificationConfiguration Configuration { get; }

    /// <summary>Two secrets of the scheme's form.</summary>
    protected abstract (string Old, string New) Secrets { get; }

    /// <summary>What is signed with, where that isn't the secret itself.</summary>
    protected virtual string SigningSecretOf(string secret) => secret;

    /// <summary>Whether a timestamp of the future passes, however far off.</summary>
    protected virtual bool MayBeEarly => false;

    private TimeSpan Tolerance => Configuration.Tolerance ?? UsualTolerance;

    /// <summary>How old a timestamp may be where nothing is configured.</summary>
    protected virtual TimeSpan UsualTolerance => TimeSpan.FromMinutes(5);

    /// <summary>Whether the scheme signs when a delivery was sent.</summary>
    protected abstract bool SignsTime { get; }

    protected SignatureScheme Scheme => SignatureScheme.For(Configuration);

    [Fact]
    public void What_a_known_secret_signed_passes()
    {
        var verified = Passes(Verify(Body, Signed(Secrets.Old), Secrets.Old));

        Assert.Equal(Scheme.Name, verified.Scheme);
        Assert.Equal(0, verified.SecretIndex);
        Assert.Equal(SignsTime ? Now : null, verified.SignedAt);
    }

    [Fact]
    public void An_empty_body_is_signed_like_any_other() =>
        Passes(Verify([], Scheme.Sign([], SigningSecretOf(Secrets.Old), "d1", Now), Secrets.Old));

    [Fact]
    public void One_changed_bit_anywhere_in_the_body_is_refused()
    {
        for (var bit = 0; bit < Body.Length * 8; bit++)
        {
            var changed = Body.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Refuses("wrong_signature", Verify(changed, Signed(Secrets.Old), Secrets.Old));
        }
    }

    [Fact]
    public void A_body_that_lost_or_gained_a_byte_is_refused()
    {
        Refuses("wrong_signature", Verify(Body[..^1], Signed(Secrets.Old), Secrets.Old));
        Refuses("wrong_signature", Verify([.. Body, (byte)'\n'], Signed(Secrets.Old), Secrets.Old));
    }

    [Fact]
    public void A_wrong_secret_is_refused() =>
        Refuses("wrong_signature", Verify(Body, Signed(Secrets.Old), Secrets.New));

    [Fact]
    public void During_a_rotation_either_secret_passes_and_is_named_by_its_place()
    {
        Assert.Equal(0, Passes(Verify(Body, Signed(Secrets.New), Secrets.New, Secrets.Old)).SecretIndex);
        Assert.Equal(1, Passes(Verify(Body, Signed(Secrets.Old), Secrets.New, Secrets.Old)).SecretIndex);
    }

    [Fact]
    public void A_secret_that_cannot_be_used_leaves_the_others_in_force() =>
        Assert.Equal(1, Passes(Verify(Body, Signed(Secrets.Old), "", Secrets.Old)).SecretIndex);

    [Fact]
    public void Without_a_usable_secret_everything_is_refused()
    {
        Refuses("no_secret", Verify(Body, Signed(Secrets.Old)));
        Refuses("no_secret", Verify(Body, Signed(Secrets.Old), ""));
        Refuses("no_secret", Verify(Body, Signed(Secrets.Old), " ", "\n"));
        Assert.Throws<ArgumentException>(() => Scheme.Sign(Body, "", "d1", Now));
    }

    [Fact]
    public void Each_header_of_the_scheme_is_needed()
    {
        var signed = Signed(Secrets.Old);
        foreach (var header in signed.Keys)
        {
            Refuses("missing_header", Verify(Body, signed.Where(pair => pair.Key != header).ToDictionary(), Secrets.Old));
            Refuses("missing_header", Verify(Body, With(signed, header, "  "), Secrets.Old));
        }
    }

    [Fact]
    public void A_header_that_comes_twice_is_refused_as_it_could_mean_either()
    {
        var signed = Signed(Secrets.Old);
        foreach (var header in signed.Keys)
        {
            var request = new SignedRequest(Body, name => name == header ? [signed[name], signed[name]] : Values(signed, name));
            Refuses("malformed_header", Scheme.Verify(request, [Secrets.Old], Now));
        }
    }

    [Fact]
    public void A_time_within_the_tolerance_passes_in_either_direction()
    {
        var signed = Signed(Secrets.Old);
        Passes(Scheme.Verify(Request(Body, signed), [Secrets.Old], Now + Tolerance));
        Passes(Scheme.Verify(Request(Body, signed), [Secrets.Old], Now - Tolerance));
    }

    [Fact]
    public void A_time_beyond_the_tolerance_is_refused()
    {
        if (!SignsTime)
            return;
        var signed = Signed(Secrets.Old);
        var more = Tolerance + TimeSpan.FromSeconds(1);
        Refuses("stale_timestamp", Scheme.Verify(Request(Body, signed), [Secrets.Old], Now + more));
        if (MayBeEarly)
            Passes(Scheme.Verify(Request(Body, signed), [Secrets.Old], Now - more));
        else
            Refuses("early_timestamp", Scheme.Verify(Request(Body, signed), [Secrets.Old], Now - more));
    }

    [Fact]
    public void Garbage_in_a_header_is_refused_and_never_throws()
    {
        var signed = Signed(Secrets.Old);
        var text = ArbMap.Default.ArbFor<string>().Generator.Select(value => value ?? "");
        // Garbage around and inside what is right gets deeper than garbage alone.
        var garbage = Gen.OneOf(
            text,
            from header in Gen.Elements(signed.Values.ToArray())
            from at in Gen.Choose(0, header.Length)
            from inserted in Gen.OneOf(text, Gen.Elements("=", ",", " ", ".", "v1,", "v1=", "t=", "-1", "99999999999999999999", "\0", "\ud800"))
            select header[..at] + inserted + header[Math.Min(header.Length, at + 1)..]);

        Prop.ForAll(garbage.ToArbitrary(), value =>
        {
            foreach (var header in signed.Keys)
            {
                Assert.IsType<VerificationResult.Refused>(Verify(Body, With(signed, header, value), Secrets.New));
                Verify(Body, With(signed, header, value), value, Secrets.Old);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_header_of_any_length_is_refused_without_much_work()
    {
        foreach (var header in Signed(Secrets.Old).Keys)
            Refuses("malformed_header", Verify(Body, With(Signed(Secrets.Old), header, new string('a', 1_000_000)), Secrets.Old));
    }

    [Fact]
    public void No_refusal_repeats_a_secret_or_a_right_signature()
    {
        var signed = Signed(Secrets.Old);
        var refused = Refuses("wrong_signature", Verify([.. Body, 0], signed, Secrets.Old));

        Assert.DoesNotContain(Secrets.Old, refused.Message, StringComparison.Ordinal);
        Assert.All(Scheme.Sign([.. Body, 0], SigningSecretOf(Secrets.Old), "d1", Now).Values, value =>
            Assert.DoesNotContain(value, refused.Message, StringComparison.Ordinal));
    }

    protected IReadOnlyDictionary<string, string> Signed(string secret) => Scheme.Sign(Body, SigningSecretOf(secret), "msg_demo_001", Now);

    protected VerificationResult Verify(byte[] body, IReadOnlyDictionary<string, string> headers, params string[] secrets) =>
        Scheme.Verify(Request(body, headers), secrets, Now);

    protected static SignedRequest Request(byte[] body, IReadOnlyDictionary<string, string> headers) => new(body, name => Values(headers, name));

    protected static IReadOnlyDictionary<string, string> With(IReadOnlyDictionary<string, string> headers, string name, string value) =>
        new Dictionary<string, string>(headers) { [name] = value };

    protected static VerificationResult.Verified Passes(VerificationResult result) => Assert.IsType<VerificationResult.Verified>(result);

    protected static VerificationResult.Refused Refuses(string code, VerificationResult result)
    {
        var refused = Assert.IsType<VerificationResult.Refused>(result);
        Assert.Equal(code, refused.Code);
        return refused;
    }

    private static IReadOnlyList<string?> Values(IReadOnlyDictionary<string, string> headers, string name) =>
        [.. headers.Where(pair => pair.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value)];

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
