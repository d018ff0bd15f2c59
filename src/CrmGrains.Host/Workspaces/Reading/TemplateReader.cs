using CrmGrains.Core.Configuration;
using CrmGrains.Core.Contract;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Decisions;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>templates</c>, and the texts that stand in actions.</summary>
internal static class TemplateReader
{
    private static readonly HashSet<string> Known = [.. ActionFacts.OfEvent, .. ActionFacts.OfCustomer];
    private static readonly HashSet<string> KnownOfEvent = [.. ActionFacts.OfEvent];

    public static IReadOnlyDictionary<string, MessageTemplate> Read(Value? templates) =>
        templates?.Named(entry =>
        {
            var section = entry.Value.Section(["text"], ["subject"]);
            return Text(section["text"]) is { } text ? new MessageTemplate(entry.Key, Line(section["subject"]), text) : null;
        }) ?? new Dictionary<string, MessageTemplate>();

    /// <summary>A text on one line.</summary>
    public static ITextTemplate? Line(Value? value) => value?.Line() is { } text ? Template(value, text, IsFact) : null;

    /// <summary>A text.</summary>
    public static ITextTemplate? Text(Value? value) => value?.Text() is { } text ? Template(value, text.Trim(), IsFact) : null;

    /// <summary>A text on one line that knows the event only, for what mustn't depend on the order of events.</summary>
    public static ITextTemplate? OfEvent(Value value) =>
        value.Line() is { } text ? Template(value, text, name => KnownOfEvent.Contains(name) || IsData(name)) : null;

    /// <summary>Whether there is a fact of this name for some event.</summary>
    public static bool IsFact(string name) => Known.Contains(name) || IsData(name);

    /// <summary>Whether events of a type can have a fact.</summary>
    public static bool IsFactOf(string eventType, string name) =>
        !name.StartsWith(EventFacts.DataPrefix, StringComparison.Ordinal)
        || EventSchema.Find(eventType) is not { } schema || schema.Type == EventSchema.Custom
        || schema.Fields.Any(field => field.Name == name[EventFacts.DataPrefix.Length..].Split('.')[0]);

    private static bool IsData(string name) =>
        name.StartsWith(EventFacts.DataPrefix, StringComparison.Ordinal) && name.Length > EventFacts.DataPrefix.Length && Syntax.IsPayloadPath(name);

    private static ITextTemplate? Template(Value value, string text, Func<string, bool> isKnown)
    {
        var template = TextTemplate.Read(text, isKnown, out var fault);
        if (fault is not null)
            value.Wrong<string>(fault);
        return template;
    }
}
