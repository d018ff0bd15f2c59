using System.Security.Cryptography;

namespace CrmGrains.Intake.Signatures;

/// <summary>Reads public and private keys as vendors hand them out: PEM, Base64 of DER, or Base64 of the bare key. Null for all else.</summary>
internal static class KeyText
{
    // What stands before the 32 bytes of an Ed25519 key in DER: SubjectPublicKeyInfo and PKCS #8 (RFC 8410).
    private static readonly byte[] PublicHead = Convert.FromHexString("302a300506032b6570032100");
    private static readonly byte[] PrivateHead = Convert.FromHexString("302e020100300506032b657004220420");

    /// <summary>The 32 bytes of an Ed25519 public key.</summary>
    public static byte[]? Ed25519Public(string text) => Bytes(text) switch
    {
        { Length: Ed25519.KeyBytes } key => key,
        { } der when der.Length == PublicHead.Length + Ed25519.KeyBytes && der.AsSpan().StartsWith(PublicHead) => der[PublicHead.Length..],
        _ => null,
    };

    /// <summary>The 32 bytes of an Ed25519 private key; of 64, which have the public key behind it, the first half.</summary>
    public static byte[]? Ed25519Private(string text) => Bytes(text) switch
    {
        { Length: Ed25519.KeyBytes } seed => seed,
        { Length: 2 * Ed25519.KeyBytes } both => both[..Ed25519.KeyBytes],
        { } der when der.Length == PrivateHead.Length + Ed25519.KeyBytes && der.AsSpan().StartsWith(PrivateHead) => der[PrivateHead.Length..],
        _ => null,
    };

    /// <summary>The DER of a key, whatever it is.</summary>
    public static byte[]? Bytes(string text)
    {
        if (PemEncoding.TryFind(text, out var pem))
            return SignatureText.FromBase64(text.AsSpan()[pem.Base64Data]);
        return SignatureText.FromBase64(text.Trim());
    }
}
