using static CrmGrains.Core.Contract.FieldKind;

namespace CrmGrains.Core.Contract;

/// <summary>
/// The one table of the contract's types (DESIGN, section 3): the validator, the JSON Schema documents and the folder's README are made from it.
/// </summary>
public static class EventSchemas
{
    private const int MaxIdLength = 200;

    // Two hours of speech, and room in the 256 KiB of an event for the rest of it.
    private const int MaxTranscriptLength = 200_000;
    private const int MaxMailLength = 100_000;

    /// <summary>All types, in the order of the design.</summary>
    public static IReadOnlyList<EventSchema> All { get; } =
    [
        new("lead.submitted", 2, "A form or another source brought a lead; what it needs is in lead_context.",
        [
            Id("form_id", "What the source calls the form."),
            new("form_name", Line, "The form's title."),
            new("answers", FieldKind.Object, "Every answer by its question; several choices are a list."),
        ]),
        new("payment.succeeded", 1, "A payment went through.",
        [
            NeededId("payment_id", "What the source calls the payment."),
            Needed("amount", Amount, "What was paid."),
            Needed("currency", Currency, "The currency of the amount."),
            new("method", Line, "How it was paid, for example card."),
            Id("invoice_id", "The invoice that it pays."),
            Id("order_id", "The order that it pays."),
        ]),
        new("payment.failed", 1, "A payment was tried and failed; the invoice, where there is one, is in invoice.", Failure()),
        new("invoice.paid", 1, "An invoice was paid, by whatever means; it is in invoice.", Failure()),
        new("subscription.canceled", 1, "A subscription was canceled, at once or to its end.",
        [
            NeededId("subscription_id", "What the source calls the subscription."),
            new("plan", Line, "The plan that was subscribed to."),
            new("reason", Lines, "Why, in the customer's words or the source's."),
            new("ends_at", Instant, "When it ends."),
        ]),
        new("booking.created", 1, "A meeting was booked.", Booking(isStartKnown: true)),
        new("booking.rescheduled", 1, "A meeting was moved to another time.", Booking(isStartKnown: true)),
        new("booking.canceled", 1, "A meeting was canceled.", Booking(isStartKnown: false)),
        new("call.ended", 1, "A phone call came to its end, answered or not.",
        [
            NeededId("call_id", "What the source calls the call."),
            Needed("direction", Word, "Who called: inbound is the customer.") with { Words = ["inbound", "outbound"] },
            new("from", Line, "The number that called; E.164 where it is one, and a word where it is withheld."),
            new("to", Line, "The number that was called."),
            new("duration_seconds", Count, "How long it took."),
            new("outcome", Word, "How it ended.") { Words = ["answered", "missed", "voicemail", "busy", "failed"] },
            new("recording_url", Url, "Where the recording is."),
            new("started_at", Instant, "When it began."),
            new("transcript", Lines, "What was said.") { MaxLength = MaxTranscriptLength },
        ]),
        new("meeting.transcript.completed", 1, "The transcript of a meeting is ready.",
        [
            NeededId("meeting_id", "What the source calls the meeting."),
            new("title", Line, "The meeting's title."),
            new("started_at", Instant, "When it began."),
            new("duration_seconds", Count, "How long it took."),
            new("participants", Names, "Who was there, by name or address."),
            new("transcript_url", Url, "Where the transcript is."),
            new("transcript", Lines, "What was said.") { MaxLength = MaxTranscriptLength },
            new("summary", Lines, "What it came to."),
            new("action_items", Names, "What somebody took on to do.") { MaxLength = 2_000 },
        ]),
        new("email.received", 1, "Mail came in.",
        [
            new("message_id", Line, "The mail's Message-ID.") { IsRequired = true, MaxLength = 998 },
            Needed("from", Email, "Who sent it."),
            new("to", Email, "The mailbox that it came to."),
            new("subject", Line, "Its subject.") { MaxLength = 998 },
            new("text", Lines, "Its text without markup.") { MaxLength = MaxMailLength },
            new("in_reply_to", Line, "The Message-ID that it answers.") { MaxLength = 998 },
            new("attachments", Names, "The names of its attachments."),
            new("spam_score", Number, "How likely it is spam, as the source counts; higher is likelier."),
        ]),
        new("file.uploaded", 1, "A file was handed in.",
        [
            NeededId("file_id", "What the source calls the file."),
            Needed("name", Line, "The file's name."),
            new("content_type", Line, "Its media type."),
            new("size_bytes", Count, "Its size."),
            new("url", Url, "Where it is."),
        ]),
        new("vendor.replied", 1, "Somebody who supplies us answered.",
        [
            new("message_id", Line, "What the source calls the message.") { IsRequired = true, MaxLength = 998 },
            new("subject", Line, "Its subject.") { MaxLength = 998 },
            new("text", Lines, "What was answered.") { MaxLength = MaxMailLength },
            Id("reference", "What it refers to, for example our order."),
        ]),
        new("support.ticket.created", 1, "A customer asked for help.",
        [
            NeededId("ticket_id", "What the source calls the ticket."),
            Needed("subject", Line, "What it is about."),
            new("text", Lines, "What was asked."),
            new("priority", Line, "How urgent, in the source's word."),
            new("channel", Line, "Where it was asked, for example chat."),
        ]),
        new("support.issue.escalated", 1, "A ticket was raised to somebody with more to say.",
        [
            NeededId("ticket_id", "What the source calls the ticket."),
            new("reason", Lines, "Why it was raised."),
            new("severity", Line, "How bad, in the source's word."),
            new("url", Url, "Where the ticket is."),
        ]),
        new("complaint.received", 1, "A customer complained.",
        [
            NeededId("complaint_id", "What the source calls the complaint."),
            Needed("text", Lines, "What was complained of."),
            new("channel", Line, "Where it was said, for example a review site."),
            new("severity", Line, "How bad, in the source's word."),
        ]),
        new("contract.signed", 1, "A contract was signed by all who had to.",
        [
            NeededId("contract_id", "What the source calls the contract."),
            new("title", Line, "The contract's title."),
            new("signed_at", Instant, "When the last signature came."),
            new("url", Url, "Where the signed contract is."),
        ]),
        new("automation.failed", 1, "An automation of the business's stopped with an error.",
        [
            NeededId("automation_id", "What the source calls the automation."),
            new("name", Line, "Its name."),
            Needed("error", Lines, "What went wrong."),
            Id("run_id", "The run that stopped."),
            new("url", Url, "Where the run is."),
        ]),
        new("crm.record.changed", 1, "Somebody changed a record in the CRM.",
        [
            Needed("system", Line, "The CRM."),
            Needed("object", Line, "The kind of record, for example contact."),
            NeededId("record_id", "The CRM's id of it."),
            Needed("change", Word, "What was done to it.") with
            {
                Words = ["created", "updated", "deleted", "merged", "restored", "associated"],
            },
            new("fields", FieldKind.Object, "The values that changed, by the CRM's names."),
            Id("merged_into", "The id of the record that lives on after a merge."),
            new("merged_ids", Names, "The ids of the records that a merge ended."),
        ]),
        new("inventory.changed", 1, "The stock of an item changed.",
        [
            NeededId("item_id", "What the source calls the item."),
            Id("sku", "The item's number in the shop."),
            Needed("quantity", Number, "How many there are now; below zero where more are promised than there are."),
            new("location", Line, "Where they are."),
            new("unavailable", Flag, "Whether it can't be had any more."),
        ]),
        new(EventSchema.Custom, 1, "Something of the business's own; data is whatever the source says.", []),
    ];

    private static FieldSchema Needed(string name, FieldKind kind, string about) => new(name, kind, about) { IsRequired = true };

    private static FieldSchema Id(string name, string about) => new(name, Line, about) { MaxLength = MaxIdLength };

    private static FieldSchema NeededId(string name, string about) => Id(name, about) with { IsRequired = true };

    private static FieldSchema[] Failure() =>
    [
        new("failure_code", Line, "The source's code of why a try failed."),
        new("failure_message", Lines, "Why it failed, in words."),
    ];

    private static FieldSchema[] Booking(bool isStartKnown) =>
    [
        NeededId("booking_id", "What the source calls the booking."),
        new("starts_at", Instant, "When it begins.") { IsRequired = isStartKnown },
        new("ends_at", Instant, "When it ends."),
        new("title", Line, "What it is called."),
        new("host_email", Email, "Whom it is with, on our side."),
        new("location", Line, "Where it is: a place, a number or an address of the web.") { MaxLength = 4_000 },
        new("reason", Lines, "Why it was moved or canceled."),
        Id("previous_booking_id", "The booking that it replaces."),
        new("canceled_by", Line, "Who canceled it, in the source's word."),
    ];
}
