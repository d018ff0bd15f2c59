using System.Text.Json;
using CrmGrains.Intake.Payloads;

namespace CrmGrains.Intake.Sources.Forms;

/// <summary>The answers of a submission, in the form's order. What was left blank isn't there.</summary>
internal sealed class FormAnswers(PayloadReader payload)
{
    private const int MostAnswers = 300;
    private const int MostValues = 100;
    private const int MaxKeyLength = 300;

    private readonly List<FormAnswer> _answers = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public IReadOnlyList<FormAnswer> All => _answers;

    /// <summary>Takes an answer up: text, a number, yes or no, or a list of such.</summary>
    /// <param name="path">Where it stands in the payload.</param>
    /// <param name="key">The question's stable name.</param>
    /// <param name="value">Whatever stands there.</param>
    /// <param name="textOf">What a text stands for, where it is an option's id.</param>
    public void Add(
        string path, string? key, JsonElement value, string? id = null, string? label = null, AnswerKind kind = AnswerKind.Other,
        Func<string, string>? textOf = null)
    {
        var isList = value.ValueKind == JsonValueKind.Array;
        var values = new List<string>(isList ? Math.Min(value.GetArrayLength(), MostValues) : 1);
        if (isList)
        {
            if (value.GetArrayLength() > MostValues)
                payload.Add(path, "list_too_long", $"It has more than {MostValues} entries: send fewer.");
            foreach (var item in value.EnumerateArray().Take(MostValues))
                AddText(values, path, item, textOf);
        }
        else
        {
            AddText(values, path, value, textOf);
        }

        if (values.Count > 0 && FreeKey(key ?? label ?? id) is { } free)
            Add(new FormAnswer(free, id, label, kind, path, values, isList));
    }

    /// <summary>The answers by key: text, or a list of texts.</summary>
    public JsonElement ToJson()
    {
        using var answers = new EventData();
        foreach (var answer in _answers)
        {
            if (answer.IsList)
                answers.Add(answer.Key, answer.Values);
            else
                answers.Add(answer.Key, answer.Values[0]);
        }

        return answers.ToJson();
    }

    private void Add(FormAnswer answer)
    {
        if (_answers.Count == MostAnswers)
        {
            if (!payload.HasFault("$"))
                payload.Add("$", "too_many_answers", $"It has more than {MostAnswers} answers: split the form.");
            return;
        }

        _answers.Add(answer);
    }

    private void AddText(List<string> values, string path, JsonElement value, Func<string, string>? textOf)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            // A file is known by its address, an option by its name; what else a form puts together is kept as it is.
            JsonValueKind.Object when value.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String => url.GetString(),
            JsonValueKind.Object when value.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String => name.GetString(),
            _ => value.GetRawText(),
        };
        if (text is null || CleanText.Lines(textOf?.Invoke(text) ?? text) is not { Length: > 0 } clean)
            return;
        if (clean.Length <= FactReader.MaxPainLength)
            values.Add(clean);
        else if (!payload.HasFault(path))
            payload.Add(path, "too_long", $"It has more than {FactReader.MaxPainLength} characters: shorten it.");
    }

    // Two questions may have one label; both answers are kept.
    private string? FreeKey(string? name)
    {
        if (CleanText.OneLine(name) is not { } key)
            return null;
        if (key.Length > MaxKeyLength)
            key = key[..(char.IsHighSurrogate(key[MaxKeyLength - 1]) ? MaxKeyLength - 1 : MaxKeyLength)];
        var free = key;
        for (var copy = 2; !_keys.Add(free) && copy <= MostAnswers + 1; copy++)
            free = $"{key} ({copy})";
        return free;
    }
}
