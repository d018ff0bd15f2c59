using System.Text.RegularExpressions;

namespace CrmGrains.Sandbox.Faults;

/// <summary>A rule as listed, with how often it still strikes and has struck.</summary>
/// <param name="Remaining">Absent where there is no end.</param>
internal sealed record FaultState(
    int Id, FaultRule Rule, string Kind, int? Remaining, int Struck);

/// <summary>The faults that are set. The first rule that matches a call and strikes is the one it runs into.</summary>
internal sealed class FaultBox
{
    private const int MaxRules = 1_000;

    private readonly Lock _gate = new();
    private readonly List<ArmedFault> _armed = [];
    private int _nextId = 1;

    /// <summary>Adds rules, all or none.</summary>
    /// <returns>What is wrong with one of them, else <see langword="null"/>.</returns>
    public string? Add(IReadOnlyList<FaultRule> rules)
    {
        var armed = new List<ArmedFault>();
        foreach (var rule in rules)
        {
            if (ArmedFault.TryArm(rule, out var fault) is { } problem) return problem;
            if (fault is not null) armed.Add(fault);
        }

        lock (_gate)
        {
            if (_armed.Count + armed.Count > MaxRules) return $"At most {MaxRules} faults can be set; DELETE /sandbox/faults clears them.";
            foreach (var fault in armed) fault.Id = _nextId++;
            _armed.AddRange(armed);
            return null;
        }
    }

    /// <summary>The fault that strikes this call, if any; it is used up by that.</summary>
    public (FaultRule Rule, string Kind)? Take(string method, string pathAndQuery)
    {
        lock (_gate)
        {
            foreach (var fault in _armed)
                if (fault.Matches(method, pathAndQuery) && fault.Strike()) return (fault.Rule, fault.Kind);
            return null;
        }
    }

    public IReadOnlyList<FaultState> List()
    {
        lock (_gate) return [.. _armed.Select(fault => new FaultState(fault.Id, fault.Rule, fault.Kind, fault.Remaining, fault.Struck))];
    }

    public void Clear()
    {
        lock (_gate) _armed.Clear();
    }

    private sealed class ArmedFault
    {
        private readonly Regex _path;
        private readonly string? _method;
        private readonly Random _random;

        private ArmedFault(FaultRule rule, string kind, string? method, Regex path)
        {
            (Rule, Kind, _method, _path) = (rule, kind, method, path);
            _random = new Random(rule.Seed ?? 0);
            Remaining = rule.Count ?? (rule.Probability is null ? 1 : null);
        }

        public int Id { get; set; }

        public FaultRule Rule { get; }

        public string Kind { get; }

        public int? Remaining { get; private set; }

        public int Struck { get; private set; }

        public static string? TryArm(FaultRule rule, out ArmedFault? armed)
        {
            armed = null;
            var kind = rule.Kind ?? (rule.Status is not null ? FaultKind.Status : rule.DelayMs is not null ? FaultKind.Delay : "");
            if (!FaultKind.All.Contains(kind)) return $"A fault needs a status, a delay_ms or a kind out of {string.Join(", ", FaultKind.All)}.";
            if (kind == FaultKind.Status && rule.Status is not (>= 400 and <= 599)) return "A fault of kind status needs a status from 400 to 599.";
            if (rule.Count < 1) return "count must be at least 1.";
            if (rule.Probability is < 0 or > 1 or double.NaN) return "probability must be between 0 and 1.";
            if (rule.DelayMs is < 0 or > 120_000) return "delay_ms must be between 0 and 120000.";
            if (rule.RetryAfter < 0) return "retry_after must not be negative.";

            var (method, path) = rule.Path.Split(' ', 2) is [var first, var rest] ? (first, rest) : (rule.Method, rule.Path);
            try
            {
                const RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.Singleline;
                var pattern = path.StartsWith('^') ? path
                    : path.Contains('*', StringComparison.Ordinal) ? $"^{Regex.Escape(path).Replace("\\*", ".*", StringComparison.Ordinal)}$"
                    : Regex.Escape(path);
                armed = new ArmedFault(rule, kind, method, new Regex(pattern, options, TimeSpan.FromSeconds(1)));
                return null;
            }
            catch (Exception notRegular) when (notRegular is ArgumentException or NotSupportedException)
            {
                return $"path is not a regular expression that can be used here: {notRegular.Message}";
            }
        }

        public bool Matches(string method, string pathAndQuery) =>
            Remaining is null or > 0
            && (_method is null || _method.Equals(method, StringComparison.OrdinalIgnoreCase))
            && _path.IsMatch(pathAndQuery);

        /// <summary>Draws whether the fault strikes this time, and counts it if so.</summary>
        public bool Strike()
        {
            if (Rule.Probability is { } probability && _random.NextDouble() >= probability) return false;
            Remaining--;
            Struck++;
            return true;
        }
    }
}
