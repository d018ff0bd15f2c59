using System.Security.Cryptography;
using System.Text;

namespace CrmGrains.Connectors.Channels.Files;

/// <summary>
/// What a dropped file is called: what was asked for without anything that a file system or a shell takes for more than a name, and a mark
/// of the effect. So no two effects want one name, and a repeat finds what it wrote. Pure.
/// </summary>
internal static class DropName
{
    private const int MaxStemChars = 80;
    private const int MaxExtensionChars = 12;

    public static string Of(string wanted, string effectKey)
    {
        // Whatever comes before a slash of either kind is a folder, and there are none here.
        var name = wanted[(wanted.LastIndexOfAny(['/', '\\']) + 1)..];
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 && name.Length - dot - 1 is > 0 and <= MaxExtensionChars ? (name[..dot], name[(dot + 1)..]) : (name, "");
        var clean = Clean(stem, MaxStemChars).Trim('.', '-', '_');
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(effectKey)).AsSpan(0, 8));
        var ending = Clean(extension, MaxExtensionChars).Trim('.', '-', '_');
        return $"{(clean.Length == 0 ? "file" : clean)}-{mark}{(ending.Length == 0 ? "" : ".")}{ending}";
    }

    // ASCII alone: other letters look alike, and file systems disagree on how they are written.
    private static string Clean(string text, int maxChars) =>
        string.Concat(text.Take(maxChars).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '_'));
}
