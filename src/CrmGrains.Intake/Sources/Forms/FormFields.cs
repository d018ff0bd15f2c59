using System.Text.Json;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Forms;

/// <summary>
/// Which answer is which field of a lead: the one that the source's map names, by the question's key, id or label; else the one that the form's own type gives
/// away; else the one with a label that everybody uses.
/// </summary>
internal sealed class FormFields
{
    private static readonly JsonElement Yes = JsonElement.Parse("true");

    private readonly IReadOnlyDictionary<string, string> _map;
    private readonly IReadOnlyList<FormAnswer> _answers;
    private readonly PayloadReader _payload;
    private readonly JsonElement _values;
    private readonly Dictionary<string, FormAnswer> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FormAnswer> _byLabel = new(StringComparer.Ordinal);

    /// <param name="values">The answers' values by their keys.</param>
    public FormFields(IReadOnlyDictionary<string, string> map, IReadOnlyList<FormAnswer> answers, JsonElement values, PayloadReader payload)
    {
        (_map, _answers, _values, _payload) = (map, answers, values, payload);
        foreach (var answer in answers)
        {
            _byName.TryAdd(answer.Key, answer);
            if (answer.Id is { } id)
                _byName.TryAdd(id, answer);
            if (answer.Label is { } label)
                _byName.TryAdd(label, answer);
            foreach (var plain in new[] { FieldLabels.Plain(answer.Label), FieldLabels.Plain(answer.Key) }.OfType<string>())
                _byLabel.TryAdd(plain, answer);
        }
    }

    /// <summary>The path of a field that only the map can name.</summary>
    public string? Mapped(string field) => _map.TryGetValue(field, out var name) ? PathOf(name) : null;

    /// <summary>The path of a field, wherever it is found; null where it isn't.</summary>
    public string? Find(string field, IReadOnlyList<string> labels, AnswerKind kind = AnswerKind.Other)
    {
        if (_map.TryGetValue(field, out var name))
            return PathOf(name);
        return Answer(labels, kind) is { } answer ? Placed(answer) : null;
    }

    /// <summary>The path of what was agreed to: a box that was ticked is a yes, whatever is written beside it.</summary>
    public string? Consent(string field)
    {
        var answer = _map.TryGetValue(field, out var name) ? Named(name) : Answer(FieldLabels.Consent, AnswerKind.Other);
        if (answer is not { IsList: true })
            return answer is null ? name : Placed(answer);
        _payload.Place(answer.Path, Yes);
        return answer.Path;
    }

    /// <summary>Where the person came from is mostly in hidden fields of the same name.</summary>
    public string? Attribution(string name) => Find($"attribution.{name}", [FieldLabels.Plain(name) ?? name]);

    /// <summary>The answer to a question with one of these labels.</summary>
    public string? Text(IReadOnlyList<string> labels) =>
        Answer(labels, AnswerKind.Other) is { } answer ? _payload.Line(Placed(answer), FactReader.MaxNameLength) : null;

    private FormAnswer? Answer(IReadOnlyList<string> labels, AnswerKind kind)
    {
        if (kind != AnswerKind.Other && _answers.FirstOrDefault(answer => answer.Kind == kind) is { } typed)
            return typed;
        foreach (var label in labels)
        {
            if (_byLabel.TryGetValue(label, out var answer))
                return answer;
        }

        return null;
    }

    // What is no question's name is a path of the payload, as in any other map.
    private string PathOf(string name) => Named(name) is { } answer ? Placed(answer) : name;

    private FormAnswer? Named(string name) => _byName.GetValueOrDefault(name)
        ?? (FieldLabels.Plain(name) is { } plain ? _byLabel.GetValueOrDefault(plain) : null);

    private string Placed(FormAnswer answer)
    {
        if (_values.TryGetProperty(answer.Key, out var value))
            _payload.Place(answer.Path, answer.IsList && answer.Values.Count == 1 ? value[0] : value);
        return answer.Path;
    }
}
