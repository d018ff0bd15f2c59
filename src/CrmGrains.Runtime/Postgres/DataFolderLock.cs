using System.Globalization;

namespace CrmGrains.Runtime.Postgres;

/// <summary>
/// Ownership of a data folder: an exclusive lock on a file in it, which the kernel drops when this process ends, however it
/// ends. The pid beside it is only there to be told to whoever comes second.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _pidFile;

    private DataFolderLock(FileStream file, string pidFile) => (_file, _pidFile) = (file, pidFile);

    /// <exception cref="DataFolderInUseException">Another process (or another server of this one) holds it.</exception>
    public static DataFolderLock Take(string dataFolder)
    {
        var pidFile = Path.Combine(dataFolder, "pid");
        try
        {
            Directory.CreateDirectory(dataFolder);
            var file = new FileStream(Path.Combine(dataFolder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
                return new DataFolderLock(file, pidFile);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (IOException e) when (e.HResult is WouldBlockOnLinux or WouldBlockOnMac)
        {
            throw new DataFolderInUseException(
                $"The data folder {dataFolder} is in use by the process {HolderOf(pidFile)}. "
                + "Stop that process, or give this one a data folder of its own; several processes share one PostgreSQL server.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new EmbeddedPostgresException(
                $"The data folder {dataFolder} can't be written: {e.Message} Run CrmGrains as the user who made it, or name another folder.", e);
        }
    }

    public void Dispose()
    {
        File.Delete(_pidFile);
        _file.Dispose();
    }

    // .NET reports a lock that is taken as an IOException whose HResult is the errno EWOULDBLOCK.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;

    private static string HolderOf(string pidFile)
    {
        try
        {
            return File.ReadAllText(pidFile).Trim();
        }
        catch (IOException)
        {
            return "(its pid is not known yet)";
        }
    }
}
