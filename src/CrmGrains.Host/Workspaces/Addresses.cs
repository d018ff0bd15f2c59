namespace CrmGrains.Host.Configuration;

internal static class Addresses
{
    private static readonly string[] MailSchemes = ["smtp", "smtps"];

    /// <summary>Whether it is the address of a mail server, <c>smtp://host:port</c> or <c>smtps://host:port</c>, and nothing more.</summary>
    public static bool IsMailServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && MailSchemes.Contains(uri.Scheme, StringComparer.Ordinal)
        && uri is { UserInfo.Length: 0, Host.Length: > 0, PathAndQuery: "" or "/", Fragment.Length: 0 };

    /// <summary>Whether it is an absolute http or https address that carries no user or password.</summary>
    public static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0;
}
