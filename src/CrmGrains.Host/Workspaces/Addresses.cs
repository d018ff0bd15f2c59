namespace CrmGrains.Host.Configuration;

internal static class Addresses
{
    /// <summary>Whether it is an absolute http or https address that carries no user or password.</summary>
    public static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0;
}
