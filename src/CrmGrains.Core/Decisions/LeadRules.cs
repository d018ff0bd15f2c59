using CrmGrains.Core.Configuration;
using CrmGrains.Core.Events;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>Scores, qualifies and routes a lead by the workspace's rules, and keeps every condition with what it saw.</summary>
public static class LeadRules
{
    /// <summary>The status of a lead for which no rule names one.</summary>
    public const string Unqualified = "unqualified";

    private const int LeastScore = 0;
    private const int MostScore = 100;

    /// <summary>Judges one lead by what its event says.</summary>
    public static (Routing Routing, IReadOnlyList<ConditionTrace> Conditions) Judge(WorkspaceConfiguration workspace, ContractEvent lead) =>
        Judge(workspace, Facts.Of(lead), AgeOf(lead));

    /// <summary>Judges a lead of which these facts are known or supposed.</summary>
    /// <param name="workspace">Whose rules are asked.</param>
    /// <param name="facts">Score and status are added to them.</param>
    /// <param name="age">How old the lead was when it was received.</param>
    public static (Routing Routing, IReadOnlyList<ConditionTrace> Conditions) Judge(
        WorkspaceConfiguration workspace, Dictionary<string, FieldValue> facts, TimeSpan age)
    {
        var trace = new Trace(workspace.Scoring.Rules.Count);
        var verdict = VerdictOf(workspace, facts, age, trace);
        return (new Routing
        {
            QualificationStatus = verdict.Status,
            LeadScore = verdict.Score,
            ScoreParts = trace.Parts,
            RoutingTier = verdict.Tier,
            TargetPipeline = verdict.Route?.Pipeline,
            TargetOwnerRole = verdict.Route?.OwnerRole,
        }, trace.Conditions);
    }

    /// <summary>How old a lead was when it was received.</summary>
    public static TimeSpan AgeOf(ContractEvent lead) => lead.ReceivedAt - lead.OccurredAt;

    /// <summary>The answer without its reasons.</summary>
    internal static Verdict VerdictOf(WorkspaceConfiguration workspace, Dictionary<string, FieldValue> facts, TimeSpan age, Trace? trace = null) =>
        RouteAt(ScoreOf(workspace.Scoring, facts, age, trace), workspace, facts, trace);

    /// <summary>How a lead is qualified and routed that has this score.</summary>
    internal static Verdict RouteAt(int score, WorkspaceConfiguration workspace, Dictionary<string, FieldValue> facts, Trace? trace = null)
    {
        facts[Facts.Score] = new FieldValue.Number(score);
        var status = Unqualified;
        for (var i = 0; i < workspace.Qualification.Count; i++)
        {
            var rule = workspace.Qualification[i];
            if (!Holds(rule.TracedAs, rule.When, facts, trace))
                continue;
            status = rule.Status;
            break;
        }

        facts[Facts.Status] = new FieldValue.Text(status);
        for (var i = 0; i < workspace.Routing.Count; i++)
        {
            var rule = workspace.Routing[i];
            if (Holds(rule.TracedAs, rule.When, facts, trace))
                return new Verdict(score, status, rule);
        }

        return new Verdict(score, status, null);
    }

    private static int ScoreOf(ScoringRules scoring, Dictionary<string, FieldValue> facts, TimeSpan age, Trace? trace)
    {
        var sum = scoring.Start;
        trace?.Add(ScorePart.Start, scoring.Start);
        for (var i = 0; i < scoring.Rules.Count; i++)
        {
            var rule = scoring.Rules[i];
            if (!Holds(rule.TracedAs, rule.When, facts, trace))
                continue;
            var points = rule.PointsAt(age);
            sum += points;
            trace?.Score(rule.Name, points);
        }

        var score = Math.Clamp(sum, LeastScore, MostScore);
        if (score != sum)
            trace?.Add(ScorePart.Limit, score - sum);
        return score;
    }

    private static bool Holds(string rule, Condition when, Dictionary<string, FieldValue> facts, Trace? trace)
    {
        if (trace is null)
            return when.Holds(facts);
        trace.Begin(rule);
        return when.Holds(facts, trace.Saw);
    }

    /// <summary>How a lead is judged.</summary>
    /// <param name="Score">From 0 to 100.</param>
    /// <param name="Status">The qualification status.</param>
    /// <param name="Route">The rule that routes it; null: none does.</param>
    internal readonly record struct Verdict(int Score, string Status, RoutingRule? Route)
    {
        public string? Tier => Route?.Tier;
    }

    /// <summary>Keeps the reasons of one decision.</summary>
    internal sealed class Trace
    {
        private readonly List<ConditionTrace> _conditions;
        private readonly List<ScorePart> _parts = [];
        private string _rule = "";
        private int _first;

        public Trace(int rules)
        {
            _conditions = new List<ConditionTrace>(rules + 8);
            Saw = (compare, value, holds) => _conditions.Add(new ConditionTrace(_rule, compare.Asked, value?.ToString(), holds));
        }

        public IReadOnlyList<ConditionTrace> Conditions => _conditions;

        public IReadOnlyList<ScorePart> Parts => _parts;

        /// <summary>One for all rules: a lambda for each would be an allocation for each.</summary>
        public Action<Condition.Compare, FieldValue?, bool> Saw { get; }

        public void Begin(string rule) => (_rule, _first) = (rule, _conditions.Count);

        public void Add(string rule, int points) => _parts.Add(new ScorePart(rule, points));

        public void Score(string rule, int points)
        {
            Add(rule, points);
            if (_conditions.Count > _first)
                _conditions[^1] = _conditions[^1] with { Points = points };
        }
    }
}
