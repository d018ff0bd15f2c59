using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CrmGrains.Core.Configuration;
using CrmGrains.Intake.Pull;

namespace CrmGrains.Host.Configuration;

/// <summary>
/// Turns references (<c>env:NAME</c>, <c>file:/path</c>) into the values that they stand for. A file is read again once a second at
/// most, so a rotation needs no restart. Values leave through the return value only: no message, log or <c>ToString</c> has one.
/// Safe to use from many threads.
/// </summary>
public sealed class Secrets
{
    /// <summary>A secret is a line; a larger file was named by mistake.</summary>
    private const int MaxFileBytes = 64 * 1024;

    // A mounted secret is a chain of symbolic links whose times say nothing, so the content itself is looked at.
    private static readonly TimeSpan FileAge = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the last value stands in for a file that is gone or empty. Long enough for a tool that writes in two steps,
    /// short enough for one who deletes a secret to take it out of use.
    /// </summary>
    private static readonly TimeSpan FileGap = TimeSpan.FromSeconds(15);

    // More references than any installation has; reading them for each delivery anew costs more than finding them here.
    private const int MostParsed = 10_000;

    private readonly ConcurrentDictionary<string, FileSecret> _files = new();
    private readonly ConcurrentDictionary<string, SecretReference> _parsed = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;
    private readonly Func<string, string?> _environment;

    /// <summary>Reads the process's environment and its files.</summary>
    public Secrets(TimeProvider clock)
        : this(clock, Environment.GetEnvironmentVariable)
    {
    }

    internal Secrets(TimeProvider clock, Func<string, string?> environment)
    {
        _clock = clock;
        _environment = environment;
    }

    /// <summary>The secret that a reference stands for now.</summary>
    /// <exception cref="SecretMissingException">There is none; the message names the reference.</exception>
    public string Resolve(string reference) =>
        TryResolve(reference, out var value) ? value : throw Missing(reference);

    /// <summary>The secret that a reference stands for now, where there is one.</summary>
    public bool TryResolve(string reference, [NotNullWhen(true)] out string? value)
    {
        value = Parsed(reference) is { Default: null } parsed ? ValueOf(parsed) : null;
        return value is not null;
    }

    private SecretReference? Parsed(string reference)
    {
        if (_parsed.TryGetValue(reference, out var known))
            return known;
        if (SecretReference.Parse(reference) is not { } parsed)
            return null;
        if (_parsed.Count < MostParsed)
            _parsed.TryAdd(reference, parsed);
        return parsed;
    }

    /// <summary>An address of a configuration: itself, or what its reference stands for, or the reference's default.</summary>
    /// <param name="address">For example <c>https://api.example.com</c> or <c>env:NAME|https://api.example.com</c>.</param>
    /// <exception cref="SecretMissingException">The reference has no value, or one that is no http or https address without user and password.</exception>
    public Uri Address(string address)
    {
        var text = TextOf(address);
        return Addresses.IsAddress(text)
            ? new Uri(text, UriKind.Absolute)
            : throw new SecretMissingException($"{Shown(address)} isn't an http or https address without user and password. Set it to one.");
    }

    /// <summary>The same for the address of a mail server, <c>smtp://host:port</c> or <c>smtps://host:port</c>.</summary>
    /// <exception cref="SecretMissingException">The reference has no value, or one that is no such address.</exception>
    public Uri MailServer(string address)
    {
        var text = TextOf(address);
        return Addresses.IsMailServer(text)
            ? new Uri(text, UriKind.Absolute)
            : throw new SecretMissingException($"{Shown(address)} isn't an address such as smtp://host:587. Set it to one.");
    }

    /// <summary>The same for what fetches from sources: what has no value is null, and no exception.</summary>
    public PullAccess ForPulls() => new(TryAddress, reference => TryResolve(reference, out var value) ? value : null);

    /// <summary>The references of a workspace that stand for nothing now.</summary>
    public IReadOnlyList<string> MissingOf(WorkspaceConfiguration workspace)
    {
        var references = workspace.Sources.Values.SelectMany(source => source.Verification.Secrets);
        references = references.Concat(workspace.Sources.Values.Select(source => source.Pull?.Token).OfType<string>());
        if (workspace.Crm is { } crm)
            references = references.Append(crm.Token);
        references = references.Concat(workspace.Channels.Values.SelectMany(channel => channel.Secrets));
        return [.. references.Distinct().Where(reference => !TryResolve(reference, out _)).Select(Shown)];
    }

    private string TextOf(string address) => SecretReference.Parse(address) is { } reference
        ? ValueOf(reference) ?? reference.Default ?? throw Missing(address)
        : address;

    private Uri? TryAddress(string address)
    {
        try
        {
            return Address(address);
        }
        catch (SecretMissingException)
        {
            return null;
        }
    }

    private static SecretMissingException Missing(string reference) => new(
        $"{Shown(reference)} has no value. Set the variable, or put the file where it is named, not empty and readable.");

    // What isn't a reference may be the secret itself.
    private static string Shown(string reference) => SecretReference.Parse(reference) is { } parsed
        ? parsed.Variable is null ? $"file:{parsed.File}" : $"env:{parsed.Variable}"
        : "A value that should be a reference (env:NAME or file:/path)";

    private string? ValueOf(SecretReference reference)
    {
        if (reference.File is { } file)
            return ReadThrough(file);
        return reference.Variable is { } name && _environment(name)?.TrimEnd('\r', '\n') is { Length: > 0 } value ? value : null;
    }

    private string? ReadThrough(string path)
    {
        var now = _clock.GetTimestamp();
        var known = _files.GetValueOrDefault(path);
        if (known is not null && _clock.GetElapsedTime(known.ReadAt, now) < FileAge)
            return known.Value;

        var value = Read(path);
        if (value is null && known is { Value: not null } && _clock.GetElapsedTime(known.SeenAt, now) < FileGap)
            _files[path] = known with { ReadAt = now };
        else
            _files[path] = new FileSecret(value, now, now);
        return _files[path].Value;
    }

    /// <returns>Null where the file is absent, empty, too large or unreadable.</returns>
    private static string? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var buffer = new byte[MaxFileBytes + 1];
            var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return read <= MaxFileBytes && Encoding.UTF8.GetString(buffer, 0, read).TrimEnd('\r', '\n') is { Length: > 0 } value ? value : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="Value">Null where the file had none.</param>
    /// <param name="ReadAt">A timestamp of the clock; when the file was looked at last.</param>
    /// <param name="SeenAt">A timestamp of the clock; when the file was seen to say so last.</param>
    private sealed record FileSecret(string? Value, long ReadAt, long SeenAt)
    {
        public override string ToString() => "a secret";
    }
}

/// <summary>A reference stands for nothing that can be used. The message names the reference and never a value.</summary>
public sealed class SecretMissingException(string message) : Exception(message);
