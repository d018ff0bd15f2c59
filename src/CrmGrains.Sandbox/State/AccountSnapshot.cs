using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.HubSpot.Associations;
using CrmGrains.Sandbox.HubSpot.Records;

namespace CrmGrains.Sandbox.State;

/// <summary>Turns an account into what the state file keeps, and back.</summary>
internal static class AccountSnapshot
{
    /// <summary>Copies references under the gate, which takes milliseconds; the rest happens as the state is enumerated.</summary>
    /// <returns>The state, and the revision of the account that it shows.</returns>
    public static (AccountState State, long Revision) Take(Account account)
    {
        lock (account.Gate)
        {
            // Copied here, whole: what the sequences below come from must not change while they are written.
            List<(RecordKey From, AssociationLink Link)> links = [.. account.Associations.All];
            var searchedAt = account.Now() - account.SearchLag;
            var state = new AccountState
            {
                Version = AccountState.CurrentVersion,
                SeededAt = account.SeededAt,
                NextRecordId = account.NextId,
                Owners = [.. account.Owners.All],
                Types = ObjectType.All.ToDictionary(type => type.Name, type => Take(account, type, searchedAt)),
                Associations = links.Where(pair => AssociationStore.IsTold(pair.From, pair.Link)).Select(Take),
            };
            return (state, account.Revision);
        }
    }

    /// <summary>Makes an account what it was.</summary>
    /// <exception cref="InvalidDataException">The state contradicts itself; other exceptions may say so too. The account is of no use then.</exception>
    public static void Restore(Account account, AccountState state)
    {
        lock (account.Gate)
        {
            account.Seed(state.SeededAt, state.NextRecordId);
            foreach (var owner in state.Owners) account.Owners.Restore(owner);
            foreach (var (name, kept) in state.Types) Restore(account, TypeOf(name), kept);
            foreach (var association in state.Associations) Restore(account, association);
        }
    }

    private static TypeState Take(Account account, ObjectType type, DateTimeOffset searchedAt)
    {
        List<RecordCopy> records = [.. account[type].All.Select(record => record.CopyFrom(searchedAt))];
        return new TypeState
        {
            Properties = [.. account.Schema.AddedTo(type)],
            Records = records.Select(copy => new RecordState
            {
                Id = copy.Record.Id,
                CreatedAt = copy.Record.CreatedAt,
                Versions = copy.Earlier.Append(copy.Current),
            }),
        };
    }

    private static AssociationState Take((RecordKey From, AssociationLink Link) pair) => new()
    {
        FromType = pair.From.Type.Name,
        FromId = pair.From.Id,
        ToType = pair.Link.To.Type.Name,
        ToId = pair.Link.To.Id,
        TypeIds = [.. pair.Link.Types.Select(type => type.Id)],
        CreatedAt = pair.Link.CreatedAt,
    };

    private static void Restore(Account account, ObjectType type, TypeState kept)
    {
        foreach (var property in kept.Properties)
        {
            // A name that the seed has taken since means what the seed says.
            if (account.Schema.Find(type, property.Name) is null) account.AddProperty(type, property);
        }

        var last = 0L;
        foreach (var record in kept.Records)
        {
            var id = long.Parse(record.Id);
            if (id <= last || id >= account.NextId)
                throw new InvalidDataException($"The id {id} of {type.Name} is out of order, or was not given yet.");
            last = id;

            var versions = record.Versions.ToList();
            if (versions.Count == 0) throw new InvalidDataException($"{type.Singular} {id} has no version.");
            var restored = new CrmRecord(new RecordKey(type, record.Id), record.CreatedAt, versions[0]);
            foreach (var version in versions.Skip(1)) restored.Write(version, account.SearchLag);
            account[type].Add(restored);
        }
    }

    private static void Restore(Account account, AssociationState kept)
    {
        var from = new RecordKey(TypeOf(kept.FromType), kept.FromId);
        var to = new RecordKey(TypeOf(kept.ToType), kept.ToId);
        if (account.Find(from) is null || account.Find(to) is null)
            throw new InvalidDataException(
                $"One of {from.Type.Singular} {from.Id} and {to.Type.Singular} {to.Id} is missing, though they are associated.");

        var types = kept.TypeIds.Select(id => AssociationType.Find(from.Type, to.Type, id)
            ?? throw new InvalidDataException($"There is no association type {id} from {from.Type.Singular} to {to.Type.Singular}."));
        account.Associations.Put(from, new AssociationLink(to, [.. types], kept.CreatedAt));
    }

    private static ObjectType TypeOf(string name) =>
        ObjectType.Find(name) ?? throw new InvalidDataException($"There is no type of record named {name}.");
}
