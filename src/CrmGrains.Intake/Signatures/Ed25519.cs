using System.Runtime.InteropServices;

namespace CrmGrains.Intake.Signatures;

/// <summary>
/// Ed25519 (RFC 8032), which .NET 10 doesn't have. OpenSSL 3 has it, and .NET's own cryptography needs OpenSSL on Linux anyway. Where it is
/// missing, a call throws and the sender is told to come again: nothing passes unverified.
/// </summary>
internal static class Ed25519
{
    public const int KeyBytes = 32;
    public const int SignatureBytes = 64;

    // NID_ED25519 of OpenSSL's obj_mac.h.
    private const int Algorithm = 1087;
    private const string Library = "libcrypto.so.3";

    /// <summary>Whether the owner of a public key signed a text. False for whatever is no key or no signature.</summary>
    public static bool IsSigned(byte[] publicKey, byte[] signature, ReadOnlySpan<byte> text)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
            return false;
        var key = NewPublicKey(Algorithm, 0, publicKey, KeyBytes);
        var context = NewContext();
        try
        {
            return key != 0 && context != 0
                && BeginVerify(context, 0, 0, 0, key) == 1
                && Verify(context, signature, SignatureBytes, in MemoryMarshal.GetReference(text), (nuint)text.Length) == 1;
        }
        finally
        {
            FreeContext(context);
            FreeKey(key);
        }
    }

    /// <summary>The signature of a text.</summary>
    /// <param name="seed">The private key: 32 bytes.</param>
    /// <param name="text">What is signed.</param>
    /// <exception cref="InvalidOperationException">OpenSSL refuses.</exception>
    public static byte[] Sign(byte[] seed, ReadOnlySpan<byte> text)
    {
        var signature = new byte[SignatureBytes];
        var length = (nuint)signature.Length;
        var key = NewPrivateKey(Algorithm, 0, seed, (nuint)seed.Length);
        var context = NewContext();
        try
        {
            return key != 0 && context != 0
                && BeginSign(context, 0, 0, 0, key) == 1
                && Sign(context, signature, ref length, in MemoryMarshal.GetReference(text), (nuint)text.Length) == 1
                ? signature
                : throw new InvalidOperationException("OpenSSL can't sign with this Ed25519 key.");
        }
        finally
        {
            FreeContext(context);
            FreeKey(key);
        }
    }

    /// <summary>The public key of a private one.</summary>
    /// <param name="seed">The private key: 32 bytes.</param>
    /// <exception cref="InvalidOperationException">OpenSSL refuses.</exception>
    public static byte[] PublicOf(byte[] seed)
    {
        var key = NewPrivateKey(Algorithm, 0, seed, (nuint)seed.Length);
        var found = new byte[KeyBytes];
        var length = (nuint)found.Length;
        try
        {
            return key != 0 && ReadPublicKey(key, found, ref length) == 1
                ? found
                : throw new InvalidOperationException("OpenSSL can't read this Ed25519 key.");
        }
        finally
        {
            FreeKey(key);
        }
    }

    [DllImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ReadPublicKey(nint key, byte[] found, ref nuint length);

    [DllImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NewPublicKey(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NewPrivateKey(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library, EntryPoint = "EVP_PKEY_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void FreeKey(nint key);

    [DllImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NewContext();

    [DllImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void FreeContext(nint context);

    [DllImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int BeginVerify(nint context, nint keyContext, nint digest, nint engine, nint key);

    [DllImport(Library, EntryPoint = "EVP_DigestVerify")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Verify(nint context, byte[] signature, nuint signatureLength, in byte text, nuint length);

    [DllImport(Library, EntryPoint = "EVP_DigestSignInit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int BeginSign(nint context, nint keyContext, nint digest, nint engine, nint key);

    [DllImport(Library, EntryPoint = "EVP_DigestSign")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sign(nint context, byte[] signature, ref nuint signatureLength, in byte text, nuint length);
}
