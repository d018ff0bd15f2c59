namespace CrmGrains.Sandbox.HubSpot.Properties;

/// <summary>The properties that an account starts with: HubSpot's own that matter here, and those of the demo.</summary>
internal static class SeedProperties
{
    public static IEnumerable<PropertyDefinition> Of(ObjectType type) =>
        [.. System(type).Concat(Standard(type)).Select(property => property with { HubspotDefined = true }), .. Custom(type)];

    private static IEnumerable<PropertyDefinition> System(ObjectType type) =>
    [
        ReadOnly(Number("hs_object_id", "Record ID")),
        ReadOnly(Instant(type.CreatedProperty, "Create date")),
        ReadOnly(Instant(type.ModifiedProperty, "Last modified date")),
        new() { Name = "hubspot_owner_id", Label = "Owner", Type = "enumeration", FieldType = "select", ExternalOptions = true },
    ];

    private static IEnumerable<PropertyDefinition> Standard(ObjectType type) => type.Name switch
    {
        "contacts" =>
        [
            Text("email", "Email"), Text("firstname", "First name"), Text("lastname", "Last name"), Text("phone", "Phone number"),
            Text("mobilephone", "Mobile phone number"), Text("company", "Company name"), Text("website", "Website URL"),
            Text("jobtitle", "Job title"), Text("address", "Street address"), Text("city", "City"), Text("state", "State/region"),
            Text("zip", "Postal code"), Text("country", "Country/region"), Text("message", "Message"),
            Text("hs_additional_emails", "Additional email addresses"),
            Choice("lifecyclestage", "Lifecycle stage", "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead",
                "opportunity", "customer", "evangelist", "other"),
            Choice("hs_lead_status", "Lead status", "NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED",
                "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"),
        ],
        "companies" =>
        [
            Text("name", "Company name"), Text("domain", "Company domain name"), Text("hs_additional_domains", "Additional domains"),
            Text("phone", "Phone number"), Text("website", "Website URL"), Text("address", "Street address"), Text("city", "City"),
            Text("state", "State/region"), Text("zip", "Postal code"), Text("country", "Country/region"),
            Text("description", "Description"), Number("numberofemployees", "Number of employees"),
            Choice("lifecyclestage", "Lifecycle stage", "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead",
                "opportunity", "customer", "evangelist", "other"),
        ],
        "deals" =>
        [
            Text("dealname", "Deal name"), Text("dealstage", "Deal stage"), Text("pipeline", "Pipeline"), Number("amount", "Amount"),
            Choice("deal_currency_code", "Currency", "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY"),
            Instant("closedate", "Close date"), Text("description", "Deal description"), Text("hs_next_step", "Next step"),
            Choice("dealtype", "Deal type", "newbusiness", "existingbusiness"),
            ReadOnly(Flag("hs_is_closed", "Is deal closed?")), ReadOnly(Flag("hs_is_closed_won", "Is closed won")),
        ],
        "tickets" =>
        [
            Text("subject", "Ticket name"), Text("content", "Ticket description"), Text("hs_pipeline", "Pipeline"),
            Text("hs_pipeline_stage", "Ticket status"), Choice("hs_ticket_priority", "Priority", "LOW", "MEDIUM", "HIGH", "URGENT"),
            Choice("hs_ticket_category", "Category", "PRODUCT_ISSUE", "BILLING_ISSUE", "FEATURE_REQUEST", "GENERAL_INQUIRY"),
        ],
        "notes" =>
        [
            Instant("hs_timestamp", "Activity date"), Text("hs_note_body", "Note body"), Text("hs_attachment_ids", "Attached file ids"),
        ],
        _ =>
        [
            Instant("hs_timestamp", "Due date"), Text("hs_task_subject", "Task title"), Text("hs_task_body", "Task notes"),
            Choice("hs_task_status", "Task status", "NOT_STARTED", "IN_PROGRESS", "COMPLETED", "WAITING", "DEFERRED"),
            Choice("hs_task_priority", "Priority", "NONE", "LOW", "MEDIUM", "HIGH"),
            Choice("hs_task_type", "Task type", "TODO", "EMAIL", "CALL"),
        ],
    };

    private static IEnumerable<PropertyDefinition> Custom(ObjectType type)
    {
        if (type == ObjectType.Notes || type == ObjectType.Tasks) yield break;
        yield return Text("crmgrains_key", "CrmGrains key") with { HasUniqueValue = true };
        if (type == ObjectType.Tickets) yield break;
        yield return Text("crmgrains_effect", "CrmGrains effect");
        if (type == ObjectType.Companies) yield break;

        yield return Choice("budget_range", "Budget range", "under_5000", "5000_15000", "15000_50000", "over_50000");
        yield return Choice("urgency", "Urgency", "low", "medium", "high");
        yield return Text("pain_summary", "Pain summary") with { FieldType = "textarea" };
        yield return Choice("detected_stack", "Detected stack", "hubspot", "make", "airtable", "google_sheets", "zapier", "n8n",
            "pipedrive", "salesforce", "stripe", "notion", "slack", "other") with { FieldType = "checkbox" };
        yield return Number("lead_score", "Lead score");
        yield return Choice("routing_tier", "Routing tier", "priority", "standard", "nurture");
        yield return Text("lead_source", "Lead source");
        if (type == ObjectType.Contacts) yield return Flag("consent_to_contact", "Consent to contact");
    }

    private static PropertyDefinition Text(string name, string label) =>
        new() { Name = name, Label = label, Type = "string", FieldType = "text" };

    private static PropertyDefinition Number(string name, string label) =>
        new() { Name = name, Label = label, Type = "number", FieldType = "number" };

    private static PropertyDefinition Instant(string name, string label) =>
        new() { Name = name, Label = label, Type = "datetime", FieldType = "date" };

    private static PropertyDefinition Flag(string name, string label) =>
        new() { Name = name, Label = label, Type = "bool", FieldType = "booleancheckbox", Options = Options("true", "false") };

    private static PropertyDefinition Choice(string name, string label, params string[] values) =>
        new() { Name = name, Label = label, Type = "enumeration", FieldType = "select", Options = Options(values) };

    private static PropertyDefinition ReadOnly(PropertyDefinition property) =>
        property with { Calculated = true, ModificationMetadata = new(ReadOnlyDefinition: true, ReadOnlyValue: true) };

    // Labels differ from values, so that a caller who sends a label is found out.
    private static IReadOnlyList<PropertyOption> Options(params string[] values) =>
        [.. values.Select((value, order) => new PropertyOption(value, LabelOf(value), order))];

    private static string LabelOf(string value) =>
        char.ToUpperInvariant(value[0]) + value[1..].ToLowerInvariant().Replace('_', ' ');
}
