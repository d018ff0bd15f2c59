using System.Text;

namespace CrmGrains.Intake.Sources.Forms;

/// <summary>The labels by which a lead's fields are known where nobody mapped them: compared by their letters and digits alone.</summary>
internal static class FieldLabels
{
    private const int MaxLength = 60;

    public static IReadOnlyList<string> Email { get; } =
        ["email", "e mail", "email address", "e mail address", "work email", "business email", "company email", "your email", "mail"];

    public static IReadOnlyList<string> Phone { get; } =
        ["phone", "phone number", "your phone", "telephone", "telephone number", "mobile", "mobile number", "mobile phone", "work phone"];

    public static IReadOnlyList<string> FullName { get; } = ["name", "full name", "fullname", "your name", "your full name", "contact name"];

    public static IReadOnlyList<string> FirstName { get; } = ["first name", "firstname", "given name"];

    public static IReadOnlyList<string> LastName { get; } = ["last name", "lastname", "surname", "family name"];

    public static IReadOnlyList<string> Company { get; } =
        ["company", "company name", "your company", "organization", "organisation", "business", "business name"];

    public static IReadOnlyList<string> Website { get; } = ["website", "web site", "company website", "your website", "homepage", "domain"];

    public static IReadOnlyList<string> Message { get; } =
        ["message", "your message", "how can we help", "how can we help you", "what can we help you with", "pain", "challenge"];

    public static IReadOnlyList<string> Consent { get; } = ["consent", "consent to contact", "contact consent", "i agree to be contacted"];

    /// <summary>A label in lower case with one blank wherever it has none of letters and digits; null where that isn't short or is nothing.</summary>
    public static string? Plain(string? label)
    {
        if (label is null or { Length: > MaxLength })
            return null;
        var plain = new StringBuilder(label.Length);
        foreach (var letter in label)
        {
            if (char.IsLetterOrDigit(letter))
                plain.Append(char.ToLowerInvariant(letter));
            else if (plain.Length > 0 && plain[^1] != ' ')
                plain.Append(' ');
        }

        while (plain.Length > 0 && plain[^1] == ' ')
            plain.Length--;
        return plain.Length == 0 ? null : plain.ToString();
    }
}
