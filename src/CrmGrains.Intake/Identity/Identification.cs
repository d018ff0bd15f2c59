using CrmGrains.Core.Grains;

namespace CrmGrains.Intake.Identity;

/// <summary>Whom an event is about. A closed set.</summary>
internal abstract record Identification
{
    private Identification() { }

    /// <summary>This customer.</summary>
    public sealed record Customer(string Key, IdentityMatch Match, IReadOnlyList<Identifier> New) : Identification
    {
        /// <summary>Whether nobody was known by anything that the event gives.</summary>
        public bool IsNew => Match.By == "new";
    }

    /// <summary>Its identifiers belong to different customers; a person decides.</summary>
    /// <param name="Candidates">Each with the kinds of evidence that point to it.</param>
    public sealed record Ambiguous(IReadOnlyDictionary<string, IReadOnlyList<string>> Candidates) : Identification;

    /// <summary>It names no person.</summary>
    public sealed record Nobody : Identification;

    /// <summary>
    /// Decides by what is known. Proofs name a person; a phone decides only where there is no address, and a disposable address only where
    /// there is nothing else.
    /// </summary>
    public static Identification Of(IReadOnlyList<Evidence> evidence, IReadOnlyDictionary<Identifier, string> known)
    {
        if (evidence.Count == 0)
            return new Nobody();
        string? proven = null;
        List<Identifier>? unknown = null;
        for (var i = 0; i < evidence.Count; i++)
        {
            var one = evidence[i];
            if (!known.TryGetValue(one.Identifier, out var customer))
                (unknown ??= []).Add(one.Identifier);
            else if (one.IsProof && (proven ??= customer) != customer)
                return new Ambiguous(CandidatesOf(evidence, known));
        }

        IReadOnlyList<Identifier> added = unknown ?? [];
        return (proven ?? Weakly(evidence, known)) is { } key
            ? new Customer(key, Matched(key, evidence, known), added)
            : new Customer(evidence[0].Identifier.DeriveCustomer(), new IdentityMatch("new", 1, [evidence[0].Kind]), added);
    }

    private static Dictionary<string, IReadOnlyList<string>> CandidatesOf(
        IReadOnlyList<Evidence> evidence, IReadOnlyDictionary<Identifier, string> known) => evidence
        .Where(one => one.IsProof && known.ContainsKey(one.Identifier))
        .GroupBy(one => known[one.Identifier], one => one.Kind, StringComparer.Ordinal)
        .ToDictionary(candidate => candidate.Key, IReadOnlyList<string> (candidate) => [.. candidate], StringComparer.Ordinal);

    private static string? Weakly(IReadOnlyList<Evidence> evidence, IReadOnlyDictionary<Identifier, string> known)
    {
        var hasEmail = evidence.Any(one => one.IsProof && one.Identifier.Kind == Identifier.Email);
        foreach (var one in evidence)
        {
            var isEnough = one.Kind == Identifier.Phone ? !hasEmail
                : one.Kind == Evidence.DisposableEmail && evidence.All(other => other.Kind == Evidence.DisposableEmail);
            if (isEnough && known.TryGetValue(one.Identifier, out var customer))
                return customer;
        }

        return null;
    }

    // Signs that are independent of each other leave only as much doubt as all of them together.
    private static IdentityMatch Matched(string key, IReadOnlyList<Evidence> evidence, IReadOnlyDictionary<Identifier, string> known)
    {
        var (strongest, doubt) = (default(Evidence), 1.0);
        var pointing = new List<string>(evidence.Count);
        List<string>? elsewhere = null;
        for (var i = 0; i < evidence.Count; i++)
        {
            var one = evidence[i];
            if (!known.TryGetValue(one.Identifier, out var customer))
                continue;
            if (customer != key)
            {
                (elsewhere ??= []).Add(one.Kind);
                continue;
            }

            if (pointing.Count == 0 || one.Confidence > strongest.Confidence)
                strongest = one;
            pointing.Add(one.Kind);
            doubt *= 1 - one.Confidence;
        }

        return new IdentityMatch(
            strongest.Kind.StartsWith(Identifier.ExternalPrefix, StringComparison.Ordinal) ? "external_id" : strongest.Kind,
            Math.Round(1 - doubt, 4),
            pointing,
            elsewhere);
    }
}
