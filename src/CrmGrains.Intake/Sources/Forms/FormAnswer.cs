namespace CrmGrains.Intake.Sources.Forms;

/// <summary>What was answered to one question of a form.</summary>
/// <param name="Key">What the question is called for ever; the label where the form has nothing better.</param>
/// <param name="Id">Another name of it, by which a map may call it.</param>
/// <param name="Label">As the person saw it.</param>
/// <param name="Kind">What the form's own type says of it.</param>
/// <param name="Path">Where the answer stands in the payload, for faults.</param>
/// <param name="Values">Never empty; one only, unless it is a list.</param>
/// <param name="IsList">Whether several may be chosen.</param>
internal sealed record FormAnswer(
    string Key, string? Id, string? Label, AnswerKind Kind, string Path, IReadOnlyList<string> Values, bool IsList);

/// <summary>What a form's type of a question says of the answer.</summary>
internal enum AnswerKind
{
    /// <summary>Nothing that a lead's fields could be found by.</summary>
    Other,

    /// <summary>An address.</summary>
    Email,

    /// <summary>A number to call.</summary>
    Phone,

    /// <summary>A web address that the person typed.</summary>
    Website,
}
