using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Events;
using CrmGrains.Host.Configuration.Reading;

namespace CrmGrains.Host.Configuration;

/// <summary>
/// One workspace's YAML file, read and judged as a whole: either a configuration, or everything that is wrong with it. Keys are
/// in snake_case; <c>deploy/workspaces/demo.yaml</c> shows them all.
/// </summary>
public sealed partial class WorkspaceFile
{
    /// <summary>The largest file that is read.</summary>
    public const int MaxBytes = 1024 * 1024;

    private WorkspaceFile(WorkspaceConfiguration? configuration, IReadOnlyList<WorkspaceFault> faults)
    {
        Configuration = configuration;
        Faults = faults;
    }

    /// <summary>What the file says; null where it has faults.</summary>
    public WorkspaceConfiguration? Configuration { get; }

    /// <summary>Everything that is wrong with it, in the order of its lines; none where it has a configuration.</summary>
    public IReadOnlyList<WorkspaceFault> Faults { get; }

    /// <summary>What is odd in it and taken all the same.</summary>
    public IReadOnlyList<WorkspaceFault> Warnings { get; private init; } = [];

    /// <summary>Whether it has a configuration.</summary>
    [MemberNotNullWhen(true, nameof(Configuration))]
    public bool IsValid => Configuration is not null;

    /// <summary>Reads a file's text. Never throws for what it says.</summary>
    /// <param name="path">What faults call the file; its name without extension must be the workspace's.</param>
    /// <param name="text">All of it; at most <see cref="MaxBytes"/> in UTF-8.</param>
    public static WorkspaceFile Parse(string path, string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text) <= MaxBytes ? Encoding.UTF8.GetBytes(text) : null;
        return bytes is null ? TooLarge(path) : Parse(path, text, HashOf(bytes));
    }

    /// <summary>Reads a file's bytes, which must be UTF-8. Never throws for what they say.</summary>
    internal static WorkspaceFile Parse(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            return TooLarge(path);
        try
        {
            return Parse(path, StrictUtf8.GetString(bytes), HashOf(bytes));
        }
        catch (DecoderFallbackException)
        {
            return Faulty(path, "The file isn't UTF-8. Save it in this encoding.");
        }
    }

    internal static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static WorkspaceFile Faulty(string path, string message) => new(null, [new WorkspaceFault(path, 1, 1, "", message)]);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static WorkspaceFile TooLarge(string path) =>
        Faulty(path, $"The file is larger than {MaxBytes} bytes. Make it smaller, for example by fewer or shorter rules.");

    private static WorkspaceFile Parse(string path, string text, string hash)
    {
        var faults = new FaultList(path);
        var root = YamlTree.Read(text.TrimStart('\uFEFF'), faults);
        var configuration = root is null ? null : Read(new Value(root, "", faults), Path.GetFileNameWithoutExtension(path), hash);
        return new WorkspaceFile(faults.IsEmpty ? configuration : null, faults.IsEmpty ? [] : faults.InOrder()) { Warnings = faults.Warnings };
    }

    private static WorkspaceConfiguration Read(Value root, string fileName, string hash)
    {
        var file = root.Section(
            ["workspace", "sources"],
            [
                "leads", "scoring", "qualification", "routing", "owners", "pipelines", "domain_aliases", "identity", "crm", "channels",
                "default_country", "retention", "risk", "templates", "playbooks", "sequences", "objects",
            ]);
        var sources = SourceReader.Read(file["sources"]);
        var leads = LeadReader.Requirements(file["leads"]);
        var owners = OwnerReader.Addresses(file["owners"]);
        var pipelines = CrmReader.Pipelines(file["pipelines"]);

        // A role or pipeline whose own entry is faulty is named rightly all the same.
        var roles = KeysOf(file["owners"]);
        var scoring = new ConditionReader(Choices(sources, leads, []));
        var qualification = LeadReader.Qualification(file["qualification"], scoring);
        var routing = new ConditionReader(Choices(sources, leads, qualification));

        var templates = TemplateReader.Read(file["templates"]);
        var channels = ChannelReader.Read(file["channels"]);

        var (playbooks, sequences) = Playbooks(file, templates, leads, qualification, sources, channels);

        var objects = ObjectReader.Read(file["objects"]);
        ObjectReader.Compare(objects, file["crm"]);

        return new WorkspaceConfiguration
        {
            Name = file["workspace"] is { } name ? Name(name, fileName) : "",
            Hash = hash,
            DefaultCountry = file["default_country"] is { } country ? Country(country) : null,
            Sources = sources,
            Crm = CrmReader.Read(file["crm"]),
            Channels = channels,
            Leads = leads,
            Scoring = LeadReader.Scoring(file["scoring"], scoring),
            Qualification = qualification,
            Routing = LeadReader.Routing(file["routing"], routing, KeysOf(file["pipelines"]), roles),
            Owners = owners,
            Roles = OwnerReader.Shared(file["owners"]),
            Pipelines = pipelines,
            DomainAliases = DomainReader.Read(file["domain_aliases"]),
            Identity = IdentityReader.Read(file["identity"]),
            Retention = RetentionReader.Read(file["retention"]),
            Risk = RiskReader.Read(file["risk"]),
            Templates = templates,
            Playbooks = playbooks,
            Sequences = sequences,
            Objects = objects,
        };
    }

    private static (IReadOnlyList<PlaybookConfiguration> Playbooks, IReadOnlyDictionary<string, SequenceConfiguration> Sequences) Playbooks(
        Section file,
        IReadOnlyDictionary<string, MessageTemplate> templates,
        LeadRequirements leads,
        IReadOnlyList<QualificationRule> qualification,
        IReadOnlyDictionary<string, SourceConfiguration> sources,
        IReadOnlyDictionary<string, ChannelConfiguration> channels)
    {
        var choices = Choices(sources, leads, qualification);
        // A channel with a fault of its own may be of any kind: it is named rightly all the same.
        var byKind = channels.Values.Select(channel => (channel.Kind, channel.Name))
            .Concat(from name in KeysOf(file["channels"]) where !channels.ContainsKey(name) from kind in ChannelReader.Kinds select (Kind: kind, Name: name))
            .ToLookup(channel => channel.Kind, channel => channel.Name);
        var named = new Named(templates, KeysOf(file["templates"]), byKind, KeysOf(file["owners"]), KeysOf(file["pipelines"]), choices);
        var actions = new ActionReader(named);
        return (
            new PlaybookReader(choices, KeysOf(file["sequences"]), actions).Read(file["playbooks"]),
            new SequenceReader(choices, actions).Read(file["sequences"]));
    }

    private static string Name(Value value, string fileName)
    {
        if (value.Line() is not { } name)
            return "";
        if (!NamePattern().IsMatch(name))
            value.Fault("It must be up to 40 lower-case letters, digits and `-`, a letter first.");
        else if (name != fileName)
            value.Fault($"It must be the name of its file, `{Value.Clipped(fileName)}`. Rename one of the two.");
        return name;
    }

    private static string? Country(Value value) => value.Line() is not { } country ? null
        : DialingCountry.Find(country) is not null ? country
        : value.Wrong<string>("must be a country's two letters in upper case (ISO 3166-1), such as `DE`");

    private static IReadOnlyList<string> KeysOf(Value? value) =>
        value?.Node is YamlNode.Map map ? [.. map.Entries.Select(entry => entry.Key)] : [];

    private static Dictionary<string, IReadOnlyList<string>> Choices(
        IReadOnlyDictionary<string, SourceConfiguration> sources, LeadRequirements leads, IReadOnlyList<QualificationRule> qualification)
    {
        var choices = new Dictionary<string, IReadOnlyList<string>>
        {
            ["source_system"] = [.. sources.Values.Select(source => source.System).Distinct()],
            ["status"] = [.. qualification.Select(rule => rule.Status).Append(LeadRules.Unqualified).Distinct()],
        };
        if (leads.BudgetRanges.Count > 0)
            choices["lead.budget_range"] = leads.BudgetRanges;
        if (leads.Urgencies.Count > 0)
            choices["lead.urgency"] = leads.Urgencies;
        return choices;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
