namespace CrmGrains.Sandbox.HubSpot;

/// <summary>A person to whom records can belong, as HubSpot sends it.</summary>
internal sealed record Owner
{
    public required string Id { get; init; }
    public required string Email { get; init; }
    public string FirstName { get; init; } = "";
    public string LastName { get; init; } = "";
    public string Type { get; init; } = "PERSON";

    /// <summary>Absent for somebody who was removed.</summary>
    public long? UserId { get; init; }

    public long UserIdIncludingInactive { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public bool Archived { get; init; }
}

/// <summary>The account's owners, archived ones included. Guarded by the account's gate.</summary>
internal sealed class Owners(Revision revision)
{
    private readonly SortedDictionary<long, Owner> _byId = [];

    public IEnumerable<Owner> All => _byId.Values;

    public Owner? Find(string id) => long.TryParse(id, out var number) ? _byId.GetValueOrDefault(number) : null;

    public Owner Put(long id, string email, string firstName, string lastName, bool archived, DateTimeOffset now)
    {
        revision.Advance();
        return _byId[id] = new Owner
        {
            Id = id.ToString(),
            Email = email,
            FirstName = firstName,
            LastName = lastName,
            UserId = archived ? null : id + UserIdOffset,
            UserIdIncludingInactive = id + UserIdOffset,
            CreatedAt = _byId.TryGetValue(id, out var known) ? known.CreatedAt : now,
            UpdatedAt = now,
            Archived = archived,
        };
    }

    /// <summary>Puts an owner as it was, in the place of the seed's where that has the same id.</summary>
    public void Restore(Owner owner) => _byId[long.Parse(owner.Id)] = owner;

    public void Reset(DateTimeOffset now)
    {
        _byId.Clear();
        Put(9001, "operations.architect@crmgrains.test", "Operations", "Architect", archived: false, now);
        Put(9002, "account.manager@crmgrains.test", "Account", "Manager", archived: false, now);
        Put(9003, "former.architect@crmgrains.test", "Former", "Architect", archived: true, now);
        Put(9004, "onboarding@crmgrains.test", "Onboarding", "Desk", archived: false, now);
    }

    // A user id is another number than the owner id; whoever mixes them up finds no owner.
    private const long UserIdOffset = 70_000_000;
}
