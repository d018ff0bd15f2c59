namespace CrmGrains.Core.Contract;

/// <summary>What a field of the contract holds. <see cref="FieldKinds"/> has the names and bounds.</summary>
public enum FieldKind
{
    /// <summary>Text on one line.</summary>
    Line,

    /// <summary>Text of several lines.</summary>
    Lines,

    /// <summary>A mail address.</summary>
    Email,

    /// <summary>A phone number in E.164.</summary>
    Phone,

    /// <summary>An address of the web, <c>http</c> or <c>https</c>.</summary>
    Url,

    /// <summary>An instant as RFC 3339 writes it, with its offset.</summary>
    Instant,

    /// <summary>A number, of either sign.</summary>
    Number,

    /// <summary>A whole number from zero on.</summary>
    Count,

    /// <summary>An amount of money from zero on, in whole units of its currency.</summary>
    Amount,

    /// <summary>A currency's code of three letters, upper-case (ISO 4217).</summary>
    Currency,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A list of lines.</summary>
    Names,

    /// <summary>One of the words that the field has.</summary>
    Word,

    /// <summary>An object with keys of the source's own.</summary>
    Object,
}

/// <summary>One field of the contract.</summary>
/// <param name="Name">Its key in JSON.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="About">What it is: one sentence.</param>
public sealed record FieldSchema(string Name, FieldKind Kind, string About)
{
    /// <summary>Whether an event breaks the contract without it. Null and an empty text are as if it weren't there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The most characters of a text, and of each name in a list.</summary>
    public int MaxLength { get; init; } = FieldKinds.MaxLengthOf(Kind);

    /// <summary>The most entries of a list.</summary>
    public int MaxItems { get; init; } = FieldKinds.MaxItems;

    /// <summary>The words that there are; for <see cref="FieldKind.Word"/>.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Whether an address must be in the one form that identity is matched by; elsewhere it is kept as it was written.</summary>
    public bool IsNormalized { get; init; }
}

/// <summary>Names and bounds of kinds.</summary>
public static class FieldKinds
{
    /// <summary>The most entries of a list.</summary>
    public const int MaxItems = 200;

    /// <summary>The largest count: beyond it, readers that know no integers lose digits.</summary>
    public const long MaxCount = 9_007_199_254_740_991;

    /// <summary>The largest amount and the largest number, without its sign.</summary>
    public const decimal MaxNumber = 1_000_000_000_000_000;

    /// <summary>The most characters where a field has no bound of its own.</summary>
    public static int MaxLengthOf(FieldKind kind) => kind switch
    {
        FieldKind.Line => 500,
        FieldKind.Lines => 20_000,
        FieldKind.Email => 320,
        FieldKind.Phone => 16,
        FieldKind.Url => 4_000,
        FieldKind.Instant => 40,
        FieldKind.Currency => 3,
        FieldKind.Word => 40,
        FieldKind.Names => 200,
        _ => 0,
    };

    /// <summary>The name that documents call it by.</summary>
    public static string NameOf(FieldKind kind) => kind switch
    {
        FieldKind.Line => "line",
        FieldKind.Lines => "lines",
        FieldKind.Email => "email",
        FieldKind.Phone => "phone",
        FieldKind.Url => "url",
        FieldKind.Instant => "instant",
        FieldKind.Number => "number",
        FieldKind.Count => "count",
        FieldKind.Amount => "amount",
        FieldKind.Currency => "currency",
        FieldKind.Flag => "flag",
        FieldKind.Names => "names",
        FieldKind.Word => "word",
        _ => "object",
    };
}
