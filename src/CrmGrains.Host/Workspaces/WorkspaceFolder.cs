namespace CrmGrains.Host.Configuration;

/// <summary>The folder with the workspace files.</summary>
internal sealed class WorkspaceFolder(string path)
{
    public string Path => path;

    public bool Exists => Directory.Exists(path);

    public static string NameOf(string file) => System.IO.Path.GetFileNameWithoutExtension(file);

    /// <summary>The paths of the files, in order. Hidden ones are what editors leave behind while they write.</summary>
    public IReadOnlyList<string> Files() => !Exists ? [] :
    [
        .. Directory.EnumerateFiles(path, "*.yaml")
            .Where(file => !System.IO.Path.GetFileName(file).StartsWith('.'))
            .Order(StringComparer.Ordinal),
    ];

    /// <returns>The content, cut just beyond what a workspace file may have; null where it can't be read.</returns>
    public static byte[]? Read(string file, out string hash)
    {
        hash = "";
        try
        {
            using var stream = File.OpenRead(file);
            var buffer = new byte[Math.Min(stream.Length, WorkspaceFile.MaxBytes) + 1];
            var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var bytes = buffer[..read];
            hash = WorkspaceFile.HashOf(bytes);
            return bytes;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
