using System.Text;
using CrmGrains.Core.Commands;
using CrmGrains.Core.Configuration;

namespace CrmGrains.Connectors.Channels.Files;

/// <summary>
/// Files in a folder below the root that whoever runs the process allows. A file is there whole or not at all, and none is ever written
/// over: a repeat finds the file of the first attempt by its name.
/// </summary>
internal sealed class FileDelivery(ChannelConfiguration.Files channel, ChannelsOptions options, TimeProvider time) : IDelivery
{
    private const int MaxChars = 4 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public string Object => CrmObject.File;

    public int AtOnce => 16;

    public async Task<WriteOutcome> DeliverAsync(Write write, ICallLog calls, CancellationToken cancellationToken)
    {
        var drop = (CrmCommand.DropFile)write.Command;
        if (drop.Content.Length > MaxChars)
            return new Verdict.Refused("message_too_large", $"The file has more than {MaxChars} characters.").For(write.EffectKey);
        var name = DropName.Of(drop.FileName, write.EffectKey);
        var (beganAt, start) = (time.GetUtcNow(), time.GetTimestamp());
        var verdict = await TriedAsync(async folder => await PutAsync(folder, name, Utf8.GetBytes(drop.Content), cancellationToken));
        calls.Add(new CrmCall
        {
            Method = "FILE", Path = name, Outcome = verdict.Name, BeganAt = beganAt, Took = time.GetElapsedTime(start), EffectKeys = [write.EffectKey],
        });
        return verdict.For(write.EffectKey);
    }

    public async Task<string?> ProbeAsync(ICallLog calls, CancellationToken cancellationToken) =>
        (await TriedAsync(_ => Task.FromResult<Verdict>(new Verdict.Done(null, "found", null)))).Error;

    private async Task<Verdict> TriedAsync(Func<string, Task<Verdict>> act)
    {
        try
        {
            return Folder() is { } folder
                ? await act(folder)
                : new Verdict.Closed("folder_refused", "No folder is allowed here: set Channels:FileRoot, and take links out of the way below it.");
        }
        catch (UnauthorizedAccessException)
        {
            return new Verdict.Closed("permission_denied", "The folder can't be written by this process.");
        }
        catch (IOException failed)
        {
            // Its message has the path of this machine.
            return new Verdict.Later("disk_failed", $"The file can't be written: {failed.GetType().Name}, {failed.HResult:x8}.");
        }
    }

    private static async Task<Verdict> PutAsync(string folder, string name, byte[] content, CancellationToken cancellationToken)
    {
        var target = Path.Combine(folder, name);
        if (File.Exists(target))
            return await IsAsync(target, content, cancellationToken) ? new Verdict.Done(name, "found", null) : Exists;

        // One attempt at an effect at a time, so what is there under this name was left by one that was cut short.
        var part = Path.Combine(folder, $".{name}.part");
        await using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            await stream.WriteAsync(content, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            RandomAccess.FlushToDisk(stream.SafeFileHandle);
        }

        try
        {
            File.Move(part, target, overwrite: false);
        }
        catch (IOException) when (File.Exists(target))
        {
            return await IsAsync(target, content, cancellationToken) ? new Verdict.Done(name, "found", null) : Exists;
        }

        return new Verdict.Done(name, "written", null);
    }

    private static Verdict.Refused Exists { get; } =
        new("file_exists", "A file of this name with another content is there, and none is written over. Move it away, then retry.");

    private static async Task<bool> IsAsync(string path, byte[] content, CancellationToken cancellationToken) =>
        new FileInfo(path).Length == content.Length && (await File.ReadAllBytesAsync(path, cancellationToken)).AsSpan().SequenceEqual(content);

    /// <summary>The channel's folder, made where it isn't there; null where it must not be used.</summary>
    private string? Folder()
    {
        if (options.FileRoot.Length == 0)
            return null;
        var folder = Path.GetFullPath(options.FileRoot);
        Directory.CreateDirectory(folder);
        foreach (var step in channel.Folder.Split('/'))
        {
            // A link below the root would lead out of it.
            if (step is "" or "." or ".." || step.Contains('\\', StringComparison.Ordinal))
                return null;
            folder = Path.Combine(folder, step);
            if (!Directory.CreateDirectory(folder).Attributes.HasFlag(FileAttributes.Directory) || new DirectoryInfo(folder).LinkTarget is not null)
                return null;
        }

        return folder;
    }
}
