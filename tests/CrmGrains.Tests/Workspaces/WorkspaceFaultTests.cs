using System.Security.Cryptography;
using System.Text;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Fields;
using CrmGrains.Host.Configuration;

namespace CrmGrains.Tests.Configuration;

public sealed class WorkspaceFaultTests
{
    /// <summary>What is exchanged in the demo file, for what, and the words that the one fault must have.</summary>
    public static TheoryData<string, string, string> Spoilings { get; } = new()
    {
        // The document.
        { "\nplaybooks:\n", "\nplaybook:\n", "playbook: The key is unknown here. Known are workspace, sources, leads," },
        { "    rank: 20\n", "    rank: 20\n    rank: 5\n", "sources.diagnostic.rank: The key is here twice, first in line" },
        { "workspace: demo\n", "workspace: Demo\n", "workspace: It must be up to 40 lower-case letters" },
        { "workspace: demo\n", "workspace: other\n", "workspace: It must be the name of its file, `demo`" },
        { "workspace: demo\n", "workspace:\n", "workspace: It has no value" },
        { "workspace: demo\n", "workspace: demo\ndefault_country: Germany\n", "default_country: It must be a country's two letters" },
        { "    on: [invoice.paid", "    on: [!secret invoice.paid", "playbooks.onboarding.on[0]: Tags such as `!name`" },
        { "    on: [invoice.paid", "    on: [*nowhere", "The alias stands for nothing" },
        { "    on: [invoice.paid", "    on: [invoice.paid, invoice.paid", "playbooks.onboarding.on[1]: `invoice.paid` is here twice" },
        { "    on: [invoice.paid", "    on: [invoice.payed", "playbooks.onboarding.on[0]: It names the event type `invoice.payed`" },
        { "domain_aliases: {}", "domain_aliases: []", "domain_aliases: It must be keys with values" },

        // Sources.
        { "    format: stripe\n", "    format: strip\n", "sources.stripe.format: It names the format `strip`, which there isn't. It must be " },
        { "    format: stripe\n", "    format: stripe\n    event_type: invoice.paid\n", "sources.stripe.event_type: The format stripe knows its payloads" },
        { "    format: diagnostic_form\n", "    format: diagnostic_form\n    map: {consent: ok}\n", "sources.diagnostic.map: The format diagnostic_form knows its payloads" },
        { "      scheme: hmac\n", "      scheme: hmaq\n", "sources.generic.verification.scheme: It names the scheme `hmaq`" },
        { "      header: X-Signature\n", "", "sources.generic.verification: The scheme hmac needs `header`" },
        { "      header: X-Signature\n", "      header: X Signature\n", "sources.generic.verification.header: It must be the name of a header" },
        { "      hash: sha256\n", "      hash: md5\n", "sources.generic.verification.hash: It names the hash `md5`" },
        { "      encoding: hex\n", "      encoding: hex\n      tolerance: 5m\n", "sources.generic.verification.tolerance: The scheme hmac signs no timestamp" },
        { "      scheme: stripe\n", "      scheme: stripe\n      header: X\n", "sources.stripe.verification.header: Only the scheme hmac reads this" },
        { "      encoding: hex\n", "      text: \"{timestamp}.{body}\"\n", "sources.generic.verification.text: It has `{timestamp}`, and nothing says where that is" },
        { "      encoding: hex\n", "      timestamp_header: X-Time\n", "sources.generic.verification.timestamp_header: A timestamp that isn't signed proves nothing" },
        { "      encoding: hex\n", "      timestamp_unit: seconds\n", "sources.generic.verification.timestamp_unit: There is no `timestamp_header`" },
        { "      encoding: hex\n", "      text: \"{bodies}\"\n", "sources.generic.verification.text: It has the placeholder `{bodies}`, which there isn't" },
        { "      encoding: hex\n", "      text: \"{body}{body}\"\n", "sources.generic.verification.text: It must have `{body}` once" },
        { "      encoding: hex\n", "      text: \"{url}{body}\"\n", "sources.generic.verification.text: It has `{url}`. Add `url`" },
        { "      encoding: hex\n", "      url: https://hooks.test/a\n", "sources.generic.verification.url: The address isn't part of `text`" },
        { "      encoding: hex\n", "      text: \"{url}{body}\"\n      url: hooks.test/a\n", "sources.generic.verification.url: It must be the whole public address" },
        { "      encoding: hex\n", "      text: \"{url}{body}\"\n      url: https://hooks.test/a?b\n", "sources.generic.verification.url: It must be the whole public address" },
        { "      scheme: stripe\n", "      scheme: stripe\n      signing_secret: env:A\n", "sources.stripe.verification.signing_secret: The scheme stripe signs and verifies with the same secret" },
        { "[env:STRIPE_SECRET]\n      tolerance: 5m", "[env:STRIPE_SECRET]\n      url: https://hooks.test/a", "sources.stripe.verification.url: The scheme stripe doesn't sign the address" },
        { "      scheme: stripe\n      secrets: [env:STRIPE_SECRET]\n      tolerance: 5m", "      scheme: hubspot_v3\n      secrets: [env:A]", "sources.stripe.verification: The scheme hubspot_v3 signs the address that is called. Add `url`" },
        { "    rank: 30\n", "    rank: 30\n    paused: yes\n", "sources.stripe.paused: It must be true or false" },
        { "[env:STRIPE_SECRET]", "[whsec_topsecret]", "sources.stripe.verification.secrets[0]: It must be a reference" },
        { "[env:STRIPE_SECRET]", "[env:STRIPE_SECRET|topsecret]", "sources.stripe.verification.secrets[0]: It must be a reference" },
        { "[env:STRIPE_SECRET]", "[]", "sources.stripe.verification.secrets: There must be a secret at least" },
        { "[env:STRIPE_SECRET]\n      tolerance: 5m", "[env:STRIPE_SECRET]\n      tolerance: 2h", "sources.stripe.verification.tolerance: It must be from 10s to 1h, and is 2h" },
        { "[env:STRIPE_SECRET]\n      tolerance: 5m", "[env:STRIPE_SECRET]\n      tolerance: 300", "sources.stripe.verification.tolerance: It must be a duration such as" },
        { "    rank: 30\n", "    rank: high\n", "sources.stripe.rank: It must be a number" },
        { "    rank: 30\n", "    rank: -1\n", "sources.stripe.rank: It must be a whole number from 0 to 1000" },
        { "    rank: 30\n", "    rank: 30\n    expect: {every: 10s}\n", "sources.stripe.expect.every: It must be from 1m to 1y" },
        { "    rank: 30\n", "    rank: 30\n    expect: {every: 6h, per: 1d}\n", "sources.stripe.expect.per: `every` stands alone" },
        { "    rank: 30\n", "    rank: 30\n    expect: {at_least: 20}\n", "sources.stripe.expect: It needs either `every`, or `at_least` and `per`" },
        { "    rank: 30\n", "    rank: 30\n    expect: {at_least: 20, per: 90m}\n", "sources.stripe.expect.per: It must be whole hours" },
        { "    rank: 30\n", "    rank: 30\n    expect: {at_least: 20, per: 1d, between: \"18:00-08:00\"}\n", "sources.stripe.expect.between: It must be two full hours" },
        { "    rank: 30\n", "    rank: 30\n    expect: {at_least: 20, per: 1d, days: mon-fry}\n", "sources.stripe.expect.days: It must be days such as" },
        { "    rank: 30\n", "    rank: 30\n    expect: {at_least: 20, per: 1d, time_zone: Europe/Nowhere}\n", "sources.stripe.expect.time_zone: It names the time zone" },
        { "{source_record_id}:{email}", "{record}", "sources.diagnostic.idempotency_key: It has the placeholder `{record}`, which there isn't" },
        { "{source_record_id}:{email}", "{email", "sources.diagnostic.idempotency_key: It has a brace without its other one" },
        { "{source_record_id}:{email}", "all", "sources.diagnostic.idempotency_key: It is the same for every event" },
        { "      contact.email: contact.email\n      contact.phone: contact.phone\n", "", "sources.generic: Its events would name nobody" },
        { "    delivery_id:\n      paths: [id]\n", "", "sources.generic: Neither the format json nor the scheme hmac has an id of deliveries" },
        { "      contact.phone: contact.phone\n", "      contact.fax: contact.fax\n", "sources.generic.map.contact.fax: The contract has no such field" },
        { "      contact.phone: contact.phone\n", "      contact.phone: contact..phone\n", "sources.generic.map.contact.phone: It must be a path" },
        { "      paths: [id]\n", "      paths: [id]\n      header: X-Id\n", "sources.generic.delivery_id: It needs either `header` or `paths`" },
        { "  stripe:\n    format", "  Stripe!:\n    format", "sources.Stripe!: It is part of the hook's address" },
        { "  stripe:\n    format", "  generic:\n    format", "sources.generic: The key is here twice, first in line" },

        // Leads.
        { "  require_consent: true\n", "  require_consent: \"yes\"\n", "leads.require_consent: It must be true or false" },
        { "  start: 0\n", "  start: 101\n", "scoring.start: It must be a whole number from 0 to 100" },
        { "      points: 30\n", "      points: 0\n", "scoring.rules.large_budget.points: It must not be 0" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: always", "scoring.rules.reachable_by_phone.when: Points that every lead gets belong into `scoring.start`" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: fone, op: exists}", "scoring.rules.reachable_by_phone.when.field: It names the fact `fone`" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: is}", "scoring.rules.reachable_by_phone.when.op: It names the operator `is`" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: exists, value: true}", "scoring.rules.reachable_by_phone.when.value: `exists` compares with nothing. Leave the value out; the opposite is `missing`" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: missing, value: true}", "scoring.rules.reachable_by_phone.when.value: `missing` compares with nothing" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: not_in, value: []}", "scoring.rules.reachable_by_phone.when.value: There must be a value at least" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: matches_domain, value: a.test}", "scoring.rules.reachable_by_phone.when.op: The fact `phone` is a text" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: email, op: matches_domain, value: ann@a.test}", "scoring.rules.reachable_by_phone.when.value: It must be a domain such as" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: customer.events, op: gt, value: 5}", "scoring.rules.reachable_by_phone.when.field: It names `customer.events`, and what is known of the customer can't be asked for here" },
        { "    when: {field: score, op: gte, value: 50}", "    when: {field: customer.in_crm, op: eq, value: true}", "qualification[0].when.field: It names `customer.in_crm`, and what is known" },
        { "        - {field: score, op: gte, value: 80}", "        - {field: customer.urgency, op: exists}", "routing[0].when.all[1].field: It names `customer.urgency`, and what is known" },
        { "      points: 30\n", "      points: 30\n      fades_in: 10s\n", "scoring.rules.large_budget.fades_in: It must be from 1m to 10y, and is 10s" },
        { "      points: 30\n", "      points: 30\n      fades_in: soon\n", "scoring.rules.large_budget.fades_in: It must be a duration such as" },
        { "    large_budget:\n", "    limit:\n", "scoring.rules.limit: `limit` names a part of the score that isn't a rule" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: gt, value: 5}", "scoring.rules.reachable_by_phone.when.op: The fact `phone` is a text; it can be asked for with eq, ne, in, not_in, contains, exists or missing" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: phone, op: eq}", "scoring.rules.reachable_by_phone.when: The key `value` is missing" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {all: []}", "scoring.rules.reachable_by_phone.when.all: There must be a condition at least" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {any: [{field: phone, op: exists}], op: eq}", "scoring.rules.reachable_by_phone.when: `any` stands alone" },
        { "points: 8\n      when: {field: phone, op: exists}", "points: 8\n      when: {field: score, op: gt, value: 5}", "scoring.rules.reachable_by_phone.when.field: The fact `score` isn't known yet" },
        { "value: 5000_15000}", "value: 5000_1500}", "scoring.rules.project_budget.when.value: It names the lead.budget_range `5000_1500`, which there isn't" },
        { "op: gte, value: 3}", "op: gte, value: three}", "scoring.rules.connected_stack.when.value: It must be a number" },
        { "op: eq, value: true}", "op: eq, value: yes}", "scoring.rules.may_be_contacted.when.value: It must be true or false" },
        { "    when: {field: status, op: eq, value: qualified}\n", "    when: always\n", "routing[2]: It is never asked" },
        { "    when: {field: status, op: eq, value: qualified}\n", "    when: {field: status, op: eq, value: quallified}\n", "routing[1].when.value: It names the status `quallified`" },
        { "    pipeline: automation_audit\n    owner_role: account_manager", "    pipeline: audit\n    owner_role: account_manager", "routing[1].pipeline: It names the pipeline `audit`, which there isn't. It must be automation_audit" },
        { "    pipeline: automation_audit\n    owner_role: account_manager", "    pipeline: automation_audit\n    owner_role: boss", "routing[1].owner_role: It names the role `boss`" },

        // People, pipelines, domains, playbooks.
        { "account.manager@crmgrains.test", "account manager", "owners.account_manager: It must be the address of a user" },
        { "move_from: [audit_new]", "move_from: [audit_qualified]", "pipelines.automation_audit.move_from: It names the stage that deals are moved to" },
        { "reopen_from: [audit_lost]", "reopen_from: [audit_new]", "pipelines.automation_audit.reopen_from: The stage `audit_new` is in `move_from` too" },
        { "domain_aliases: {}", "domain_aliases: {a.test: https://b.test}", "domain_aliases.a.test: It must be a domain" },
        { "domain_aliases: {}", "domain_aliases: {a.test: a.test}", "domain_aliases.a.test: The aliases from `a.test` on go round in a circle" },
        { "domain_aliases: {}", "domain_aliases: {a.test: b.test, b.test: c.test}", "domain_aliases.a.test: The domain `b.test` is an alias itself. Write `c.test` here" },
        { "on: [payment.failed, custom.invoice.overdue]", "on: [payment.fails]", "playbooks.payment_trouble.on[0]: It names the event type `payment.fails`" },
        { "once_per: customer\n        subject", "once_per: week\n        subject", "playbooks.onboarding.actions.onboarding.once_per: It names the scope `week`" },
        { "over {{invoice.amount}} {{invoice.currency}} is paid", "over {{amount}} is paid", "playbooks.onboarding.actions.onboarding.text: It asks for `amount`, which there isn't" },
        { "        stage: audit_proposal\n", "        stage: audit_new\n", "playbooks.quote_follow_up.actions.proposal_stage.move_from: It names the stage that the deal is moved to" },
        { "type: refund\n", "type: pay_back\n", "playbooks.complaint_triage.actions.money_back.type: It names the kind of action `pay_back`, which there isn't" },
        { "        type: refund\n", "        type: refund\n        automatic: true\n", "playbooks.complaint_triage.actions.money_back.automatic: The key is unknown here" },
        { "template: quote_reminder", "template: quote_remainder", "playbooks.quote_follow_up.actions.reminder.template: It names the template `quote_remainder`" },
        { "channel: mail\n        template: quote_reminder", "channel: team\n        template: quote_reminder", "playbooks.quote_follow_up.actions.reminder.channel: It names the channel of kind smtp `team`" },
        { "channel: mail\n        template: quote_reminder", "automatic: true\n        channel: mail\n        template: quote_reminder", "playbooks.quote_follow_up.actions.reminder.automatic: `send_message` is of high risk" },
        { "        type: add_note\n        subject: \"Quote sent\"", "        type: add_note\n        channel: mail\n        subject: \"Quote sent\"", "playbooks.quote_follow_up.actions.quote_note.channel: The key is unknown here" },
        { "fields: {urgency: high}\n      triage", "fields: {urgency: extreme}\n      triage", "playbooks.complaint_triage.actions.upset.fields.urgency: It names the urgency `extreme`" },
        { "fields: {urgency: high}\n      triage", "fields: {lead_score: 99}\n      triage", "playbooks.complaint_triage.actions.upset.fields.lead_score: It names the field `lead_score`" },
        { "fields: {urgency: high}\n      triage", "fields: {consent_to_contact: true}\n      triage", "consent_to_contact: It can only be false" },
        { "fields: {urgency: high}\n      triage", "fields: {full_name: \"{{customer.full_name}}\"}\n      triage", "fields.full_name: It asks for `customer.full_name`, which there isn't" },
        { "[deal.amount, deal.currency, data.number,", "[deal.worth, deal.currency, data.number,", "playbooks.quote_follow_up.context[0]: It names the fact `deal.worth`" },
        { "context: [data.name, data.error,", "context: [data.name, data.reasons,", "playbooks.failed_automation: It asks for `data.reasons`, which events of automation.failed don't have" },
        { "{{data.error}}\n          Recovery", "{{{data.error}}}\n          Recovery", "playbooks.failed_automation.actions.tell_owner.text: It has a `}` right after `}}`" },
        { "{{data.error}}\n          Recovery", "{{> other}}\n          Recovery", "playbooks.failed_automation.actions.tell_owner.text: It has `{{> other}}`, which isn't allowed" },
        { "{{data.error}}\n          Recovery", "{{data.error\n          Recovery", "playbooks.failed_automation.actions.tell_owner.text: It " },
        { "Hello {{customer.full_name}},\n\n      did our quote", "Hello {{customer.name}},\n\n      did our quote", "templates.quote_reminder.text: It asks for `customer.name`, which there isn't" },
        { "min_confidence: 0.8", "min_confidence: 80", "risk.min_confidence: It must be a number from 0 to 1" },
        { "create_invoice: {four_eyes: true}", "refund: {mode: automatic}", "risk.actions.refund.mode: `refund` is critical: the system never does it" },
        { "create_invoice: {four_eyes: true}", "refund: {four_eyes: true}", "risk.actions.refund.four_eyes: `refund` is critical: it becomes a task" },
        { "create_invoice: {four_eyes: true}", "create_invoice: {at_least: medium}", "risk.actions.create_invoice.at_least: The tier of `create_invoice` is `high` already" },
        { "create_invoice: {four_eyes: true}", "create_invoice: {at_least: critical, mode: automatic}", "risk.actions.create_invoice.mode: What is critical can't be automatic" },
        { "create_invoice: {four_eyes: true}", "create_invoice: {due_in: 3d, expires_after: 1d}", "risk.actions.create_invoice.due_in: It lapses before it is due" },
        { "  deal: {with: [contact, company], owns: [pipeline]}", "  deal: {with: [contact, company], owns: [pipeline, lifecycle]}", "objects.deal.owns: `lifecycle` has one owner, and the contact is it already" },
        { "  note: {with: [contact, company, deal]}", "  note: {with: [note]}", "objects.note.with: The note can't be linked to itself here" },
        { "    stop_on_same: [invoice.paid, payment.succeeded]\n", "    stop_on_same: [invoice.payed]\n", "sequences.unpaid.stop_on_same[0]: " },
        { "      - after: 3d\n", "      - after: 1d\n", "sequences.unpaid.steps: Step 2 isn't later than the one before" },
        { "time_zone: Europe/Berlin}\n    max", "time_zone: Europe/Nowhere}\n    max", "sequences.unpaid.quiet.time_zone: It must be a time zone" },
        { "    sequence: unpaid\n", "    sequence: unpayed\n", "playbooks.payment_trouble.sequence: It names the sequence `unpayed`" },
        { "create_invoice: {four_eyes: true}", "send_money: {mode: review}", "risk.actions.send_money: The key is unknown here" },
        { "        owner_role: onboarding\n", "        priority: urgent\n", "playbooks.onboarding.actions.onboarding.priority: The key is here twice" },

        // The CRM.
        { "kind: hubspot", "kind: hubspott", "crm.kind: It names the kind of CRM `hubspott`" },
        { "env:HUBSPOT_TOKEN", "pat-na1-topsecret", "crm.token: It must be a reference" },
        { "env:HUBSPOT_URL|http://127.0.0.1:8090", "https://user:topsecret@crm.test", "crm.url: It must be an http or https address without user and password" },
        { "190 per 10s", "190/10s", "crm.limits.general: It must be a limit such as `190 per 10s`" },
        { "190 per 10s", "0 per 10s", "crm.limits.general: It must be a limit" },
        { "      phone: phone\n", "      fone: phone\n", "crm.fields.contact.fone: The key is unknown here" },
        { "      phone: phone\n", "      phone: email\n", "crm.fields.contact.phone: The property `email` is written by `email` too" },
        { "      phone: phone\n", "      phone: phone mobile\n", "crm.fields.contact.phone: It must be the name of a property" },
        { "      deal_name: dealname\n", "", "crm.fields.deal: The key `deal_name` is missing" },

        // Channels.
        { "kind: smtp", "kind: pigeon", "channels.mail.kind: It names the kind of channel `pigeon`, which there isn't. It must be smtp, slack, webhook or file" },
        { "    kind: slack\n", "", "channels.team: The key `kind` is missing" },
        { "smtp://127.0.0.1:8025", "http://127.0.0.1:8025", "channels.mail.url: It must be `smtp://host:port`" },
        { "smtp://127.0.0.1:8025", "smtp://user:topsecret@mail.test", "channels.mail.url: It must be `smtp://host:port`" },
        { "    from: CrmGrains Demo <hello@crmgrains.test>\n", "    from: CrmGrains\n", "channels.mail.from: It must be an address" },
        { "    tls: none\n    allow_private: true\n", "    tls: none\n", "channels.mail.tls: Without TLS mails go to private addresses only" },
        { "    tls: none\n", "    tls: maybe\n", "channels.mail.tls: It names the use of TLS `maybe`" },
        { "    tls: none\n", "    tls: none\n    user: demo\n", "channels.mail.user: There is a user and no `password`" },
        { "    tls: none\n", "    tls: none\n    password: env:MAIL_PASSWORD\n", "channels.mail.password: There is a password and no `user`" },
        { "    tls: none\n", "    tls: none\n    user: demo\n    password: topsecret\n", "channels.mail.password: It must be a reference" },
        { "env:TEAM_URL", "https://hooks.slack.test/services/topsecret", "channels.team.url: It must be a reference" },
        { "env:PARTNER_SECRET", "whsec_topsecret", "channels.partner.secret: It must be a reference" },
        { "    secret: env:PARTNER_SECRET", "    token: env:PARTNER_SECRET\n    secret: env:PARTNER_SECRET", "channels.partner.token: The key is unknown here" },
        { "general: 60 per 1m", "general: 60/m", "channels.mail.limits.general: It must be a limit such as" },
        { "folder: demo/documents", "folder: ../documents", "channels.documents.folder: It must be a folder below the one that the process allows" },
        { "folder: demo/documents", "folder: /etc", "channels.documents.folder: It must be a folder below the one that the process allows" },
    };

    [Theory]
    [MemberData(nameof(Spoilings))]
    public void A_fault_is_named_with_its_line_its_path_and_what_to_do(string old, string replacement, string expected)
    {
        var text = Demo.With(old, replacement);

        var fault = Assert.Single(Demo.Faults(text));

        Assert.Contains(expected, fault.ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"demo.yaml:{fault.Line}:{fault.Column}: ", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Line_and_column_are_those_of_the_value_or_key_that_is_wrong()
    {
        var text = Demo.With("    rank: 30\n", "    rank: -1\n");

        var fault = Assert.Single(Demo.Faults(text));

        Assert.Equal((Demo.LineOf(text, "rank: -1"), 11), (fault.Line, fault.Column));
    }

    [Fact]
    public void All_faults_of_a_file_are_found_at_once_in_the_order_of_its_lines()
    {
        var text = Demo.Text
            .Replace("rank: 30", "rank: high", StringComparison.Ordinal)
            .Replace("op: gte, value: 80", "op: above, value: 80", StringComparison.Ordinal)
            .Replace("kind: hubspot", "kind: none", StringComparison.Ordinal)
            .Replace("workspace: demo\n", "", StringComparison.Ordinal);

        var faults = Demo.Faults(text);

        Assert.Equal(["", "sources.stripe.rank", "routing[0].when.all[1].op", "crm.kind"], faults.Select(fault => fault.Path));
        Assert.Equal(faults.Select(fault => fault.Line).Order(), faults.Select(fault => fault.Line));
    }
}
