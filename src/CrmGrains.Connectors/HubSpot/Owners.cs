using System.Text.Json;

namespace CrmGrains.Connectors.HubSpot;

/// <summary>What was found of the owner that a write wants.</summary>
/// <param name="Id">The owner's id; null where nobody may be set.</param>
/// <param name="Status"><c>active</c>, <c>inactive</c> or <c>missing</c>; null where no owner was wanted.</param>
internal readonly record struct WantedOwner(string? Id, string? Status);

/// <summary>Who records can belong to, at one instant.</summary>
internal sealed record Roster(IReadOnlyDictionary<string, OwnerRow> ByEmail, IReadOnlySet<string> ActiveIds, DateTimeOffset ReadAt)
{
    /// <summary>Nobody, never read.</summary>
    public static Roster None { get; } = new(new Dictionary<string, OwnerRow>(), new HashSet<string>(), DateTimeOffset.MinValue);

    /// <summary>Whether records can belong to this owner.</summary>
    public bool IsActive(string? ownerId) => ownerId is not null && ActiveIds.Contains(ownerId);

    /// <summary>Finds the owner with an address; never another one instead.</summary>
    /// <param name="email">Null where nobody is wanted.</param>
    /// <param name="refused">Owners whom HubSpot refused just now, whatever the roster says.</param>
    public WantedOwner Find(string? email, IReadOnlySet<string>? refused = null)
    {
        if (email is null)
            return new(null, null);
        if (!ByEmail.TryGetValue(Owners.Normal(email), out var owner))
            return new(null, "missing");
        return owner.Archived || refused?.Contains(owner.Id) == true ? new(null, "inactive") : new(owner.Id, "active");
    }
}

/// <summary>The account's owners, active and removed ones, read seldom and remembered.</summary>
internal sealed class Owners(HubSpotHttp http, TimeProvider time) : IDisposable
{
    private const int MostPages = 100;

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private Roster _roster = Roster.None;

    /// <summary>The roster, read again where it is old or doesn't know an address.</summary>
    /// <param name="emails">Who is looked for; none: no call is made.</param>
    /// <param name="writes">Whom the call is made for.</param>
    /// <param name="isDoubted">Whether HubSpot refused an owner that the roster called active.</param>
    /// <returns>A failure only where there is no roster at all.</returns>
    public async Task<(Roster Roster, Failure? Failure)> KnowAsync(
        IReadOnlyList<string> emails, IReadOnlyList<Write> writes, bool isDoubted, ICallLog log, CancellationToken cancellationToken)
    {
        if (emails.Count == 0)
            return (Roster.None, null);
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var age = time.GetUtcNow() - _roster.ReadAt;
            var isAnyUnknown = emails.Any(email => !_roster.ByEmail.ContainsKey(Normal(email)));
            if (age < Fresh && !((isAnyUnknown || isDoubted) && age >= BetweenLooks))
                return (_roster, null);

            var (roster, failure) = await ReadAsync(writes, log, cancellationToken);
            _roster = roster ?? _roster;
            return (_roster, _roster == Roster.None ? failure : null);
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>An address as it is compared.</summary>
    public static string Normal(string email) => email.Trim().ToLowerInvariant();

    private async Task<(Roster? Roster, Failure? Failure)> ReadAsync(
        IReadOnlyList<Write> writes, ICallLog log, CancellationToken cancellationToken)
    {
        var byEmail = new Dictionary<string, OwnerRow>();
        var active = new HashSet<string>();

        // Removed owners first: who was removed and added again counts as active.
        foreach (var archived in (string[])["true", "false"])
        {
            string? after = null;
            for (var page = 0; page < MostPages; page++)
            {
                var from = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
                var path = $"/crm/owners/{HubSpotPaths.Version}?limit=100&archived={archived}{from}";
                var answer = await http.SendAsync(
                    new HubSpotCall(HttpMethod.Get, path, null, [.. writes.Select(write => write.EffectKey)]), log, cancellationToken);
                if (answer.Failure is not null)
                    return (null, answer.Failure);
                foreach (var owner in answer.Rows(element => element.Deserialize(HubSpotJson.Default.OwnerRow)))
                {
                    if (owner.Email is not null)
                        byEmail[Normal(owner.Email)] = owner;
                    if (!owner.Archived)
                        active.Add(owner.Id);
                }

                after = answer.Body.Paging?.Next?.After;
                if (after is null)
                    break;
            }
        }

        return (new Roster(byEmail, active, time.GetUtcNow()), null);
    }
}
