namespace CrmGrains.Host.Configuration.Reading;

/// <summary>A place in a file; both counted from 1.</summary>
internal readonly record struct Place(int Line, int Column)
{
    public static readonly Place Start = new(1, 1);
}

/// <summary>Gathers the faults of one file.</summary>
internal sealed class FaultList(string file)
{
    /// <summary>A file with more faults than this isn't a configuration, and its report must fit into a log.</summary>
    private const int Most = 500;

    private readonly List<WorkspaceFault> _faults = [];
    private readonly List<WorkspaceFault> _warnings = [];
    private int _more;

    public bool IsEmpty => _faults.Count == 0;

    public void Add(Place at, string path, string message)
    {
        if (_faults.Count < Most)
            _faults.Add(new WorkspaceFault(file, at.Line, at.Column, path, message));
        else
            _more++;
    }

    public IReadOnlyList<WorkspaceFault> Warnings => _warnings;

    public void Warn(Place at, string path, string message)
    {
        if (_warnings.Count < Most)
            _warnings.Add(new WorkspaceFault(file, at.Line, at.Column, path, message));
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<WorkspaceFault> InOrder()
    {
        List<WorkspaceFault> faults = [.. _faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)];
        if (_more > 0)
            faults.Add(faults[^1] with { Path = "", Message = $"There are {_more} more faults, which aren't listed. Mend these first." });
        return faults;
    }
}
