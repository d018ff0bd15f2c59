namespace CrmGrains.Host.Configuration;

/// <summary>One thing that is wrong with a workspace file.</summary>
/// <param name="File">The file, as it was named to whoever read it.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Column">Counted from 1.</param>
/// <param name="Path">Where in the document, for example <c>sources.stripe.rank</c>; empty for the document itself.</param>
/// <param name="Message">What is wrong and what to do; never a secret.</param>
public sealed record WorkspaceFault(string File, int Line, int Column, string Path, string Message)
{
    /// <summary><c>file:line:column: path: message</c>, which editors and terminals turn into a link.</summary>
    public override string ToString() => Path.Length == 0
        ? $"{File}:{Line}:{Column}: {Message}"
        : $"{File}:{Line}:{Column}: {Path}: {Message}";
}

/// <summary>Workspace files that nothing can be started with.</summary>
/// <param name="faults">All of them, in the order of files and lines.</param>
public sealed class WorkspaceFaultsException(IReadOnlyList<WorkspaceFault> faults)
    : Exception($"The workspace files have {faults.Count} faults. Mend them and start again:\n{string.Join('\n', faults)}")
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<WorkspaceFault> Faults => faults;
}
