using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Configuration;

/// <summary>What is written to somebody: into a message, a note or a task.</summary>
/// <param name="Name">In the workspace's <c>templates</c>; that of the action where it is written there.</param>
/// <param name="Subject">One line; null where there is none.</param>
/// <param name="Text">The rest.</param>
public sealed record MessageTemplate(string Name, ITextTemplate? Subject, ITextTemplate Text);

/// <summary>
/// A text with places that facts are filled into, compiled when the configuration is read. It has no side effects, knows nothing but the
/// facts that it is given, and its output has a bound.
/// </summary>
public interface ITextTemplate
{
    /// <summary>The facts that it can ask for.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The text with the facts. Where one is missing stands a mark, see <see cref="FilledText.Gap"/>.</summary>
    FilledText Fill(IReadOnlyDictionary<string, FieldValue> facts);
}

/// <summary>A filled template.</summary>
/// <param name="Text">With a mark where a fact is missing.</param>
/// <param name="Missing">The facts that are missing, each once.</param>
public sealed record FilledText(string Text, IReadOnlyList<string> Missing)
{
    private const string GapBegins = "[missing: ";

    /// <summary>No text.</summary>
    public static FilledText Empty { get; } = new("", []);

    /// <summary>The mark for a missing fact: a person sees it, and nothing that has it goes to a customer.</summary>
    public static string Gap(string name) => $"{GapBegins}{name}]";

    /// <summary>Whether a text has such a mark, whoever wrote it.</summary>
    public static bool HasGap(string? text) => text?.Contains(GapBegins, StringComparison.Ordinal) == true;
}
