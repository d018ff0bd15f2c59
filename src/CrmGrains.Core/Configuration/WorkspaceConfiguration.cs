using CrmGrains.Core.Decisions;

namespace CrmGrains.Core.Configuration;

/// <summary>What one business decides: read from one YAML file, validated as a whole, immutable, named by its hash in every ledger entry.</summary>
public sealed record WorkspaceConfiguration
{
    private readonly IReadOnlyList<PlaybookConfiguration> _playbooks = [];

    /// <summary>The workspace's name in addresses, ids and rows.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the file, in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Whose phone numbers are those that don't say their country; ISO 3166-1, two letters. Null: such a number is a fault.</summary>
    public string? DefaultCountry { get; init; }

    /// <summary>Where events come from, by the name in the hook's address.</summary>
    public IReadOnlyDictionary<string, SourceConfiguration> Sources { get; init; } = new Dictionary<string, SourceConfiguration>();

    /// <summary>The CRM account that is written to; null: nothing is written.</summary>
    public CrmAccountConfiguration? Crm { get; init; }

    /// <summary>Ways out beside the CRM, by name.</summary>
    public IReadOnlyDictionary<string, ChannelConfiguration> Channels { get; init; } = new Dictionary<string, ChannelConfiguration>();

    /// <summary>What a lead must be like.</summary>
    public LeadRequirements Leads { get; init; } = new();

    /// <summary>Points for leads.</summary>
    public ScoringRules Scoring { get; init; } = new();

    /// <summary>Asked in order; the first that holds names the status. None: <c>unqualified</c>.</summary>
    public IReadOnlyList<QualificationRule> Qualification { get; init; } = [];

    /// <summary>Asked in order; the first that holds routes the lead.</summary>
    public IReadOnlyList<RoutingRule> Routing { get; init; } = [];

    /// <summary>Who holds a role: the address of a user of the CRM, by role.</summary>
    public IReadOnlyDictionary<string, string> Owners { get; init; } = new Dictionary<string, string>();

    /// <summary>Roles that several people share.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<RolePerson>> Roles { get; init; } = new Dictionary<string, IReadOnlyList<RolePerson>>();

    /// <summary>Pipelines, by the workspace's own name.</summary>
    public IReadOnlyDictionary<string, PipelineConfiguration> Pipelines { get; init; } = new Dictionary<string, PipelineConfiguration>();

    /// <summary>Domains that mean another one, for example <c>example.io: example.com</c>.</summary>
    public IReadOnlyDictionary<string, string> DomainAliases { get; init; } = new Dictionary<string, string>();

    /// <summary>How people are told apart.</summary>
    public IdentityConfiguration Identity { get; init; } = new();

    /// <summary>What the system may do by itself.</summary>
    public RiskPolicy Risk { get; init; } = new();

    /// <summary>What events call for, beside what is known of every lead.</summary>
    public IReadOnlyList<PlaybookConfiguration> Playbooks
    {
        get => _playbooks;
        init => (_playbooks, PlaybookIndex) = (value, new PlaybookIndex(value));
    }

    /// <summary>The playbooks by event type.</summary>
    internal PlaybookIndex PlaybookIndex { get; private init; } = PlaybookIndex.Empty;

    /// <summary>Whether a playbook is for events of this type.</summary>
    public bool HasPlaybookFor(string eventType) => PlaybookIndex.On(eventType).Count > 0;

    /// <summary>What playbooks begin and what then goes on over time, by name.</summary>
    public IReadOnlyDictionary<string, SequenceConfiguration> Sequences { get; init; } = new Dictionary<string, SequenceConfiguration>();

    /// <summary>Which objects of the CRM matter, and which owns what.</summary>
    public ObjectMap Objects { get; init; } = new();

    /// <summary>Texts that several actions share, by name.</summary>
    public IReadOnlyDictionary<string, MessageTemplate> Templates { get; init; } = new Dictionary<string, MessageTemplate>();

    /// <summary>How long what was kept stays.</summary>
    public RetentionConfiguration Retention { get; init; } = new();

    /// <summary>The domain that a company is known by: follows one alias.</summary>
    public string CanonicalDomain(string domain) => DomainAliases.GetValueOrDefault(domain, domain);

    /// <summary>The domain and all its aliases, the domain first.</summary>
    public IReadOnlyList<string> DomainsOf(string canonical) =>
        [canonical, .. DomainAliases.Where(alias => alias.Value == canonical).Select(alias => alias.Key).Order(StringComparer.Ordinal)];
}

/// <summary>What a lead must be like to be taken in.</summary>
public sealed record LeadRequirements
{
    /// <summary>Whether consent to be contacted must be given.</summary>
    public bool RequireConsent { get; init; } = true;

    /// <summary>The budget ranges that there are; none: any is taken.</summary>
    public IReadOnlyList<string> BudgetRanges { get; init; } = [];

    /// <summary>The urgencies that there are; none: any is taken.</summary>
    public IReadOnlyList<string> Urgencies { get; init; } = [];
}

/// <summary>How a lead's score is added up; it stays between 0 and 100.</summary>
public sealed record ScoringRules
{
    /// <summary>What every lead has.</summary>
    public int Start { get; init; }

    /// <summary>What is added, or taken away, by rule.</summary>
    public IReadOnlyList<ScoringRule> Rules { get; init; } = [];
}

/// <summary>Points for leads for which a condition holds.</summary>
/// <param name="Name">In snake_case.</param>
/// <param name="Points">What is added, or taken away, for a lead that comes at once.</param>
/// <param name="When">Asked of what the lead says.</param>
/// <param name="FadesIn">How old a lead is, when it is received, that gets nothing any more; null: the points stay.</param>
public sealed record ScoringRule(string Name, int Points, Condition When, TimeSpan? FadesIn = null)
{
    /// <inheritdoc cref="ScoringRule(string, int, Condition, TimeSpan?)"/>
    public string Name { get; } = Name;

    /// <summary>What a trace calls the rule.</summary>
    public string TracedAs { get; } = $"scoring.{Name}";

    /// <summary>The points for a lead of an age: less the older it is, in whole points, the rest dropped.</summary>
    /// <param name="age">From when it happened to when it was received: the same whenever it is judged.</param>
    public int PointsAt(TimeSpan age) => FadesIn is not { } end || age <= TimeSpan.Zero ? Points
        : age >= end ? 0
        : (int)(Points * (Int128)(end - age).Ticks / end.Ticks);
}

/// <summary>Names the status of leads for which a condition holds.</summary>
/// <param name="Status">For example <c>qualified</c>.</param>
/// <param name="When">May ask for <c>score</c> too.</param>
public sealed record QualificationRule(string Status, Condition When)
{
    /// <inheritdoc cref="QualificationRule(string, Condition)"/>
    public string Status { get; } = Status;

    /// <summary>What a trace calls the rule.</summary>
    public string TracedAs { get; } = $"qualification.{Status}";
}

/// <summary>Routes leads for which a condition holds.</summary>
/// <param name="Tier">For example <c>priority</c>.</param>
/// <param name="When">May ask for <c>score</c> and <c>status</c> too.</param>
/// <param name="Pipeline">The workspace's name of the pipeline; null: no deal.</param>
/// <param name="OwnerRole">Who shall own the deal, by role; null: nobody is set.</param>
public sealed record RoutingRule(string Tier, Condition When, string? Pipeline, string? OwnerRole)
{
    /// <inheritdoc cref="RoutingRule(string, Condition, string?, string?)"/>
    public string Tier { get; } = Tier;

    /// <summary>What a trace calls the rule.</summary>
    public string TracedAs { get; } = $"routing.{Tier}";
}

/// <summary>A pipeline of the CRM.</summary>
public sealed record PipelineConfiguration
{
    /// <summary>The CRM's id.</summary>
    public required string Id { get; init; }

    /// <summary>The CRM's id of the stage that a qualified lead's deal is in.</summary>
    public required string Stage { get; init; }

    /// <summary>Stages in which an open deal of a qualified lead is in the wrong place.</summary>
    public IReadOnlyList<string> MoveFrom { get; init; } = [];

    /// <summary>Closed stages from which a new lead reopens the deal; none: a new deal is created.</summary>
    public IReadOnlyList<string> ReopenFrom { get; init; } = [];

    /// <summary>Its stages with the moves that are allowed, by the workspace's own name; none: only what <see cref="MoveFrom"/> says.</summary>
    public IReadOnlyDictionary<string, StageConfiguration> Stages { get; init; } = new Dictionary<string, StageConfiguration>();
}

/// <summary>A stage of a pipeline.</summary>
/// <param name="Id">The CRM's id.</param>
/// <param name="To">Names of the stages that deals may be moved to from here.</param>
public sealed record StageConfiguration(string Id, IReadOnlyList<string> To);
