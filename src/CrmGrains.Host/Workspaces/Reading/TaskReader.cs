using CrmGrains.Core.Configuration;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads <c>tasks</c>.</summary>
internal static class TaskReader
{
    private static readonly string[] Placeholders = ["full_name", "invoice", "amount"];
    private static readonly string[] Priorities = ["low", "medium", "high"];

    public static IReadOnlyList<TaskRule> Read(Value? tasks, IReadOnlyList<string> roles) =>
        [.. tasks?.Named(entry => Read(entry, roles)).Values ?? []];

    private static TaskRule Read(Entry entry, IReadOnlyList<string> roles)
    {
        var task = entry.Value.Section(["on", "subject"], ["once_per", "body", "due_in", "priority", "owner_role"]);
        return new TaskRule
        {
            Name = entry.Key,
            On = task["on"] is { } on ? SourceReader.EventTypeOf(on) ?? "" : "",
            OncePerCustomer = task["once_per"]?.OneOf(["customer", "event"], "the scope") == "customer",
            Subject = Template(task["subject"], value => value.Line()),
            Body = Template(task["body"], value => value.Text()?.Trim()),
            DueIn = task["due_in"]?.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(366)) ?? TimeSpan.FromDays(1),
            Priority = task["priority"]?.OneOf(Priorities, "the priority") ?? "medium",
            OwnerRole = task["owner_role"]?.OneOf(roles, "the role"),
        };
    }

    private static string Template(Value? value, Func<Value, string?> read)
    {
        if (value is null || read(value) is not { } template)
            return "";
        if (Syntax.FaultOfTemplate(template, Placeholders, out _) is { } fault)
            value.Wrong<string>(fault);
        return template;
    }
}
