using CrmGrains.Core.Configuration;
using CrmGrains.Core.Fields;

namespace CrmGrains.Core.Decisions;

/// <summary>
/// Tries every candidate change of one fact, and pairs of them for results that no single one reaches. What is smallest: to fill in what is
/// missing before to exchange what was said before to take it away, then what moves the score least.
/// </summary>
internal sealed class CounterfactualSearch
{
    // A fifth of a second, whatever size a workspace file has: 200 rules are asked 20,000 times, 4,000 rules 1,000 times.
    private const int MostAnswers = 4_000_000;

    private const int MostForEachResult = 3;

    private readonly WorkspaceConfiguration _workspace;
    private readonly Dictionary<string, FieldValue> _facts;
    private readonly TimeSpan _age;
    private readonly LeadRules.Verdict _now;
    private readonly IReadOnlyList<FactChange> _candidates;
    private readonly int _mostTries;
    private int _tried;

    public CounterfactualSearch(WorkspaceConfiguration workspace, Dictionary<string, FieldValue> facts, TimeSpan age)
    {
        (_workspace, _facts, _age) = (workspace, facts, age);
        _now = LeadRules.VerdictOf(workspace, new Dictionary<string, FieldValue>(facts), age);
        _candidates = CandidateValues.Of(workspace, facts);
        _mostTries = MostTries(workspace);
    }

    /// <summary>More changes than this are not tried.</summary>
    public static int MostTries(WorkspaceConfiguration workspace) => MostAnswers / Math.Max(1, CandidateValues.ComparisonsOf(workspace).Count());

    public Counterfactuals Run()
    {
        var targets = Targets();
        var flips = new Dictionary<Target, List<Try>>();
        List<Try> singles = [.. _candidates.Take(_mostTries).Select(change => Tried(change))];
        foreach (var target in targets)
        {
            // Of one fact only the smallest change: that others do as well is no news.
            List<Try> found = [.. InOrder(singles.Where(target.IsReachedBy)).DistinctBy(each => each.First.Field).Take(MostForEachResult)];
            if (found.Count > 0)
                flips[target] = found;
        }

        var isComplete = _candidates.Count <= _mostTries;
        if (flips.Count < targets.Count)
            isComplete &= TryPairs(singles, [.. targets.Where(target => !flips.ContainsKey(target))], flips);

        var steps = ScoreSteps();
        IReadOnlyList<Counterfactual> told = [.. targets.Where(flips.ContainsKey).SelectMany(target => flips[target].Select(each => Told(target, each)))];
        return new Counterfactuals
        {
            Sentence = CounterfactualText.Of(_now, steps, told, isComplete, _tried),
            ScoreSteps = steps,
            Flips = told,
            NotFound = [.. targets.Where(target => !flips.ContainsKey(target)).Select(target => $"{target.Turns} {target.To ?? "none"}")],
            Tried = _tried,
            IsComplete = isComplete,
        };
    }

    // Those first that the lead is next to: its own tier's neighbours in the order of the rules.
    private List<Target> Targets()
    {
        var tiers = _workspace.Routing.Select(rule => (string?)rule.Tier).Append(null).Distinct().Where(tier => tier != _now.Tier);
        var statuses = _workspace.Qualification.Select(rule => rule.Status).Append(LeadRules.Unqualified).Distinct().Where(status => status != _now.Status);
        var isAlwaysRouted = _workspace.Routing.Any(rule => rule.When is Condition.All { Parts.Count: 0 });
        return
        [
            .. tiers.Where(tier => tier is not null || !isAlwaysRouted).Select(tier => new Target("tier", tier)),
            .. statuses.Select(status => new Target("status", status)),
        ];
    }

    // The strongest first, so that what is left out where there are too many moves the score least.
    private bool TryPairs(List<Try> singles, List<Target> targets, Dictionary<Target, List<Try>> flips)
    {
        List<Try> strongest = [.. singles.OrderByDescending(each => Math.Abs(each.Then.Score - _now.Score)).ThenBy(each => each.Place)];
        var found = targets.ToDictionary(target => target, _ => new List<Try>());
        var isComplete = true;
        for (var sum = 1; sum <= (2 * strongest.Count) - 3 && isComplete; sum++)
        {
            for (var i = Math.Max(0, sum - strongest.Count + 1); i < sum - i; i++)
            {
                var (one, other) = (strongest[i].First, strongest[sum - i].First);
                if (Facts.RootOf(one.Field) == Facts.RootOf(other.Field))
                    continue;
                if (_tried >= _mostTries)
                {
                    isComplete = false;
                    break;
                }

                var tried = strongest[i].Place < strongest[sum - i].Place ? Tried(one, other) : Tried(other, one);
                foreach (var target in targets.Where(target => target.IsReachedBy(tried)))
                    found[target].Add(tried);
            }
        }

        foreach (var (target, pairs) in found.Where(each => each.Value.Count > 0))
            flips[target] = [InOrder(pairs).First()];
        return isComplete;
    }

    private Try Tried(FactChange first, FactChange? second = null)
    {
        var facts = new Dictionary<string, FieldValue>(_facts, StringComparer.Ordinal);
        Facts.Suppose(facts, first.Field, first.To);
        if (second is not null)
            Facts.Suppose(facts, second.Field, second.To);
        return new Try(first, second, LeadRules.VerdictOf(_workspace, facts, _age), _tried++);
    }

    private IEnumerable<Try> InOrder(IEnumerable<Try> tries) => tries
        .OrderBy(each => Weight(each.First) + (each.Second is null ? 0 : Weight(each.Second)))
        .ThenBy(each => Math.Abs(each.Then.Score - _now.Score))
        .ThenBy(each => each.Place);

    private static int Weight(FactChange change) => change switch { { From: null } => 1, { To: not null } => 2, _ => 3 };

    private List<ScoreStep> ScoreSteps()
    {
        var facts = new Dictionary<string, FieldValue>(_facts, StringComparer.Ordinal);
        var steps = new List<ScoreStep>();
        foreach (var direction in (int[])[1, -1])
        {
            for (var score = _now.Score + direction; score is >= 0 and <= 100; score += direction)
            {
                var then = LeadRules.RouteAt(score, _workspace, facts);
                if (then.Tier == _now.Tier && then.Status == _now.Status)
                    continue;
                steps.Add(new ScoreStep(score, score - _now.Score, then.Status, then.Tier));
                break;
            }
        }

        return steps;
    }

    private Counterfactual Told(Target target, Try tried)
    {
        IReadOnlyList<FactChange> changes = tried.Second is null ? [tried.First] : [tried.First, tried.Second];
        return new Counterfactual
        {
            Turns = target.Turns,
            From = target.Turns == "tier" ? _now.Tier : _now.Status,
            To = target.To,
            Changes = changes,
            Score = tried.Then.Score,
            Status = tried.Then.Status,
            Tier = tried.Then.Tier,
            Sentence = CounterfactualText.Of(changes, tried.Then, _now),
        };
    }

    /// <summary>A result that the lead doesn't have.</summary>
    private sealed record Target(string Turns, string? To)
    {
        public bool IsReachedBy(Try tried) => (Turns == "tier" ? tried.Then.Tier : tried.Then.Status) == To;
    }

    /// <summary>What a change comes to, and when it was tried.</summary>
    private sealed record Try(FactChange First, FactChange? Second, LeadRules.Verdict Then, int Place);
}
