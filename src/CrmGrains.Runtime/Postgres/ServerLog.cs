using System.Text;

namespace CrmGrains.Runtime.Postgres;

/// <summary>The server's output, <c>postgres.log</c>: what is older than the last ten megabytes or so is in <c>postgres.log.1</c>, or gone.</summary>
internal sealed class ServerLog(string path)
{
    private const long MaxBytes = 10 * 1024 * 1024;
    private const int TailBytes = 2048;

    public string Path => path;

    /// <summary>The server appends, so the file can be emptied under it; lines written during the copy may be lost.</summary>
    public void Bound()
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length <= MaxBytes) return;
        file.CopyTo(path + ".1", overwrite: true);
        using var log = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        log.SetLength(0);
    }

    /// <summary>The end of the log, for the message of an error.</summary>
    public string Tail()
    {
        try
        {
            using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            log.Seek(-Math.Min(TailBytes, log.Length), SeekOrigin.End);
            using var reader = new StreamReader(log, Encoding.UTF8);
            return reader.ReadToEnd().Trim();
        }
        catch (IOException)
        {
            return "(no output)";
        }
    }
}
