using System.Text.Json;

namespace CrmGrains.Host.Commands;

/// <summary>Whether the CRM holds what the demo's events should have made of it: asked of the sandbox itself, not of our own books.</summary>
internal static class DemoCheck
{
    private const string Email = "ops@example.com";

    /// <summary>What is not as it should be; nothing where all is.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(
        HostClient sandbox, List<JsonElement> traces, Guid lead, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        void Expect(bool isSo, string otherwise)
        {
            if (!isSo)
                faults.Add(otherwise);
        }

        async Task<List<JsonElement>> HoldsAsync(string type) =>
            [.. (await sandbox.GetAsync($"/sandbox/hubspot/{type}", cancellationToken)).GetProperty("results").EnumerateArray()];

        var contacts = (await HoldsAsync("contacts")).Where(contact => Property(contact, "email") == Email).ToList();
        var companies = (await HoldsAsync("companies")).Where(company => Property(company, "domain") == "example.com").ToList();
        Expect(contacts.Count == 1, $"{contacts.Count} contacts {Email} instead of one.");
        Expect(companies.Count == 1, $"{companies.Count} companies example.com instead of one.");
        if (faults.Count > 0)
            return faults;

        var contact = Id(contacts[0]);
        var company = Id(companies[0]);
        var associations = await HoldsAsync("associations");
        string[] Linked(string type, string to) =>
            [.. associations.Where(pair => Side(pair, "from", type) && pair.GetProperty("toId").GetString() == to).Select(pair => pair.GetProperty("fromId").GetString() ?? "")];

        Expect(Linked("contact", company).Count(id => id == contact) == 1, "The contact isn't linked to its company once.");
        var deals = Linked("deal", contact);
        Expect(deals.Length == 1, $"{deals.Length} deals of the contact instead of one.");
        Expect(deals.All(deal => Linked("deal", company).Contains(deal, StringComparer.Ordinal)), "The deal isn't linked to the company.");

        var notes = (await HoldsAsync("notes")).Where(note => Property(note, "hs_note_body")?.Contains(lead.ToString(), StringComparison.Ordinal) == true).ToList();
        Expect(notes.Count == 1, $"{notes.Count} notes of the lead instead of one.");
        Expect(notes.TrueForAll(note => Linked("note", contact).Contains(Id(note), StringComparer.Ordinal)), "The note isn't linked to the contact.");
        var tasks = (await HoldsAsync("tasks")).Where(task => Linked("task", contact).Contains(Id(task), StringComparer.Ordinal)).ToList();
        var onboarding = tasks.Count(task => Property(task, "hs_task_subject")?.Contains("onboarding", StringComparison.OrdinalIgnoreCase) == true);
        Expect(onboarding == 1, $"{onboarding} onboarding tasks instead of one.");

        var trace = traces.Find(one => one.GetProperty("event_id").GetGuid() == lead);
        Expect(trace.GetProperty("status").GetString() == "completed", $"The lead is {trace.GetProperty("status").GetString()}.");
        var routing = trace.TryGetProperty("routing", out var routed) ? routed : default;
        Expect(
            routing.ValueKind == JsonValueKind.Object && routing.GetProperty("lead_score").GetInt32() == 89 && routing.GetProperty("routing_tier").GetString() == "priority",
            "The lead isn't routed with score 89 and tier priority.");
        Expect(traces.Exists(one => one.GetProperty("status").GetString() == "in_review"), "The invalid lead doesn't wait in the review queue.");
        return faults;
    }

    private static bool Side(JsonElement pair, string side, string type) =>
        pair.GetProperty($"{side}Type").GetString()?.TrimEnd('s') == type;

    private static string Id(JsonElement item) => item.GetProperty("id").GetString() ?? "";

    private static string? Property(JsonElement item, string name) =>
        item.GetProperty("properties").TryGetProperty(name, out var value) ? value.GetString() : null;
}
