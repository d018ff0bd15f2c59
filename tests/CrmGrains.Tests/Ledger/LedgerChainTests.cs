using CrmGrains.Runtime.Ledger;

namespace CrmGrains.Tests.Ledger;

public sealed class LedgerChainTests
{
    private static readonly LedgerHeader Entry = new(
        1, 2, "acme", "acme/company/a", 3, 4, "person_seen", "create", null, "hash", A.Id(5), A.Noon, new byte[LedgerChain.HashBytes]);

    private static readonly byte[] First = new byte[LedgerChain.HashBytes];

    public static TheoryData<LedgerHeader> Changed { get; } =
    [
        Entry with { Partition = 9 },
        Entry with { Position = 9 },
        Entry with { Workspace = "other" },
        Entry with { Grain = "acme/company/b" },
        Entry with { Version = 9 },
        Entry with { MessageId = 9 },
        Entry with { Kind = "other" },
        Entry with { Outcome = "update" },
        Entry with { EventId = A.Id(1) },
        Entry with { EventId = Guid.Empty },
        Entry with { Configuration = "other" },
        Entry with { Silo = A.Id(6) },
        Entry with { BeganAt = A.Noon.AddTicks(10) },
        Entry with { DetailHash = Enumerable.Repeat((byte)1, LedgerChain.HashBytes).ToArray() },
        Entry with { Kind = "person_seencreate", Outcome = "" },
        Entry with { Version = Entry.MessageId, MessageId = Entry.Version },
    ];

    [Theory]
    [MemberData(nameof(Changed))]
    public void Any_changed_column_changes_the_hash(LedgerHeader changed) =>
        Assert.NotEqual(LedgerChain.Hash(First, Entry), LedgerChain.Hash(First, changed));

    [Fact]
    public void The_hash_covers_the_one_before_it()
    {
        var other = Enumerable.Repeat((byte)1, LedgerChain.HashBytes).ToArray();

        Assert.NotEqual(LedgerChain.Hash(First, Entry), LedgerChain.Hash(other, Entry));
    }

    // Ledgers that were written must verify for ever.
    [Fact]
    public void The_hash_of_an_entry_never_changes()
    {
        Assert.Equal("3e0ca9c2f3c41e2ad8f97b9159a7337b0b3e6abb22c0d39868ecb670cedcaad3", Convert.ToHexStringLower(LedgerChain.Hash(First, Entry)));
        Assert.Equal(
            "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81",
            Convert.ToHexStringLower(LedgerChain.DetailHash([1], [2, 3])));
    }

    [Fact]
    public void A_long_text_is_hashed_whole()
    {
        var text = new string('ß', 100_000);

        Assert.NotEqual(LedgerChain.Hash(First, Entry with { Kind = text }), LedgerChain.Hash(First, Entry with { Kind = text + "x" }));
    }
}
