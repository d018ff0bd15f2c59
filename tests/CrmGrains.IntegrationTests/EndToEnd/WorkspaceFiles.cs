namespace CrmGrains.IntegrationTests.EndToEnd;

/// <summary>A temporary folder with a copy of the demo's workspace, which a test may change.</summary>
internal sealed class WorkspaceFiles : IDisposable
{
    public WorkspaceFiles()
    {
        Folder = Directory.CreateTempSubdirectory("crmgrains-workspaces-").FullName;
        Write(Demo);
    }

    /// <summary>The demo's workspace as it is delivered.</summary>
    public static string Demo { get; } = File.ReadAllText(Path.Combine(DeliveredFolder(), "demo.yaml"));

    public string Folder { get; }

    public string DemoFile => Path.Combine(Folder, "demo.yaml");

    public string Text => File.ReadAllText(DemoFile);

    /// <summary>The line that has this part, counted from 1.</summary>
    public int LineOf(string part) => Array.FindIndex(File.ReadAllLines(DemoFile), line => line.Contains(part, StringComparison.Ordinal)) + 1;

    /// <summary>Puts the file there at once, as an editor does.</summary>
    public void Write(string text)
    {
        var draft = Path.Combine(Folder, "draft");
        File.WriteAllText(draft, text);
        File.Move(draft, DemoFile, overwrite: true);
    }

    /// <summary>Changes a part that is there once.</summary>
    public void Change(string part, string replacement)
    {
        Assert.Equal(2, Text.Split(part).Length);
        Write(Text.Replace(part, replacement, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string DeliveredFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var found = Path.Combine(folder.FullName, "deploy", "workspaces");
            if (Directory.Exists(found))
                return found;
        }

        throw new DirectoryNotFoundException($"There is no deploy/workspaces above {AppContext.BaseDirectory}.");
    }
}
