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
        var candidates = new Dictionary<string, List<Evidence>>(StringComparer.Ordinal);
        foreach (var one in evidence)
        {
            if (!one.IsProof || !known.TryGetValue(one.Identifier, out var customer))
                continue;
            if (!candidates.TryGetValue(customer, out var pointing))
                candidates[customer] = pointing = [];
            pointing.Add(one);
        }

        if (candidates.Count > 1)
            return new Ambiguous(candidates.ToDictionary(
                candidate => candidate.Key, IReadOnlyList<string> (candidate) => candidate.Value.ConvertAll(one => one.Kind), StringComparer.Ordinal));

        var unknown = new List<Identifier>();
        foreach (var one in evidence)
        {
            if (!known.ContainsKey(one.Identifier))
                unknown.Add(one.Identifier);
        }

        var key = candidates.Count == 1 ? candidates.Keys.First() : Weakly(evidence, known);
        return key is null
            ? new Customer(evidence[0].Identifier.DeriveCustomer(), new IdentityMatch("new", 1, [evidence[0].Kind]), unknown)
            : new Customer(key, Matched(key, evidence, known), unknown);
    }

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
        var pointing = evidence.Where(one => known.TryGetValue(one.Identifier, out var customer) && customer == key).ToList();
        var elsewhere = evidence.Where(one => known.TryGetValue(one.Identifier, out var customer) && customer != key).Select(one => one.Kind).ToList();
        var strongest = pointing.MaxBy(one => one.Confidence);
        var doubt = pointing.Aggregate(1.0, (left, one) => left * (1 - one.Confidence));
        return new IdentityMatch(
            strongest.Kind.StartsWith(Identifier.ExternalPrefix, StringComparison.Ordinal) ? "external_id" : strongest.Kind,
            Math.Round(1 - doubt, 4),
            pointing.ConvertAll(one => one.Kind),
            elsewhere.Count == 0 ? null : elsewhere);
    }
}
